// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/corrupted.h"

#include <algorithm>

#include "harness/log/scan.h"

namespace hangar::log {

std::string why_corrupted(const Report& report, std::size_t header, const CrashRow& row, std::size_t blamed) {
  if (row.by == By::nobody) return {};
  const auto frames = report_frames(report, header + 1);
  const bool trace = std::any_of(frames.begin(), frames.end(),
                                 [](const ReportFrame& f) { return f.reliable && !f.instruction; });
  if (!trace) return "it has no call trace";
  // Another report that begins before this one came to its stack.
  for (std::size_t i = header + 1; i < blamed && i < report.size(); ++i) {
    std::string_view rest;
    const auto* other = find_crash_row(report[i].text, rest);
    if (other == nullptr || other->continues) continue;
    return "another report begins inside it";
  }
  return {};
}

}  // namespace hangar::log
