// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>

#include "harness/log/infer/facts.h"

namespace hangar::log {

/// Reads the lines of a memory report that are neither a zone's watermarks nor a task's row. Some have a
/// meaning only behind their header, so it remembers the last one.
class OomReportParser {
 public:
  /// True when the line belongs to the report.
  bool feed(std::string_view text, std::uint64_t line, OomEpisode& out);
  void reset() { section_ = Section::none; }

 private:
  enum class Section : std::uint8_t { none, group_stats, slabs };
  bool section_line(std::string_view text, OomReport& out);

  Section section_ = Section::none;
};

/// The rest of a line that parse_zone() accepted.
void parse_zone_use(std::string_view text, OomZone& out);

}  // namespace hangar::log
