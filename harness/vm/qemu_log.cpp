// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/qemu_log.h"

#include "harness/base/text.h"

namespace hangar::vm {

std::string qemu_words(std::string_view log) {
  const size_t start = log.rfind(": starting up libvirt version");
  if (start != std::string_view::npos) log.remove_prefix(start);
  std::string words;
  bool in_command = start != std::string_view::npos;  // its lines end in a backslash, but for the last
  bool first = true;
  for (const auto line : split(log, '\n')) {
    const bool heading = first && in_command;
    first = false;
    if (heading) continue;
    if (in_command) {
      in_command = line.ends_with('\\');
      continue;
    }
    if (line.empty() || line.ends_with(": shutting down, reason=failed")) continue;
    if (line.find("is tainted: ") != std::string_view::npos) continue;
    words.append(words.empty() ? "" : "\n").append(line);
  }
  return words;
}

}  // namespace hangar::vm
