// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/event.h"

namespace hangar::log {

void report_left_out(PartCounts& left_out, std::uint64_t line, const EventSink& sink) {
  if (!left_out.any()) return;
  const PartCounts counts = std::exchange(left_out, {});
  for (std::size_t i = 0; i < part_count; ++i) {
    const auto part = static_cast<Part>(i);
    if (counts[part] > 0) sink(Event{line, std::nullopt, LeftOut{part, counts[part]}});
  }
}

}  // namespace hangar::log
