// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/render/contents.h"

namespace hangar::log {

void Contents::on(const Event& event) {
  if (const auto* boot = std::get_if<BootStarted>(&event.body)) {
    kernel_lines_ = kernel_lines_ || !boot->kernel_release.empty();
  } else if (const auto* ended = std::get_if<BootEnded>(&event.body)) {
    kernel_lines_ = kernel_lines_ || ended->kernel;
  } else if (!std::holds_alternative<Damage>(event.body) &&
             !std::holds_alternative<LeftOut>(event.body)) {  // programs print `...` and half lines, too
    kernel_lines_ = true;
  }
  trouble_ = trouble_ || std::holds_alternative<Hang>(event.body) ||
             std::holds_alternative<Crash>(event.body) || std::holds_alternative<Panic>(event.body);
}

}  // namespace hangar::log
