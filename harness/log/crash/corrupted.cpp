// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash/corrupted.h"

#include <algorithm>

#include "harness/log/record/scan.h"

namespace hangar::log {

namespace {

// Rows that print two lines for one event: ODEBUG and dentry messages precede their WARNING, or follow
// it.
bool belongs_together(const CrashRow& row, const CrashRow& other) {
  const auto warns = [](const CrashRow& one) {
    return one.literal.starts_with("WARNING: ") || one.literal == "ODEBUG: " ||
           one.literal == "BUG: Dentry " || one.literal == "trusty: panic";
  };
  // Lockdep's first line names the class, a later one what the code had called.
  const auto dereference = [](const CrashRow& one) { return contains(one.literal, "suspicious "); };
  return (warns(row) && warns(other)) || (dereference(row) && dereference(other)) ||
         other.type == "SYZ_FAILURE" || other.literal == "INFO:";
}

// `WARNING: CPU: 1 PID: 18244 at`, `CPU: 1 PID: 18244 Comm: kworker/1:1`: -1 if the line has no such place.
std::int64_t task_of(std::string_view text) {
  constexpr std::string_view words = " PID: ";
  const auto at = text.find(words);
  if (at == std::string_view::npos || text.find("CPU: ") >= at) return -1;
  Scan scan(text.substr(at + words.size()));
  std::uint64_t pid = 0;
  return scan.any_number(pid) ? static_cast<std::int64_t>(pid) : -1;
}

}  // namespace

std::size_t intruder(const Report& report, std::size_t header, const CrashRow& row) {
  if (row.by == By::nobody) return report.size();
  const auto frames = report_frames(report, header + 1);
  const auto own = std::find_if(frames.begin(), frames.end(),
                                [](const ReportFrame& f) { return f.reliable && !f.instruction; });
  const std::size_t end = own == frames.end() ? report.size() : own->index;
  std::int64_t task = task_of(report[header].text);
  for (std::size_t i = header + 1; i < end; ++i) {
    std::string_view rest;
    const auto named = task_of(report[i].text);
    if (row.by != By::outer && task >= 0 && named >= 0 && named != task) return i;
    task = std::max(task, named);
    const auto* other = find_crash_row(report[i].text, rest);
    // A symbolised header comes once for each inlined function.
    const bool again = other == &row && row.literal.starts_with("BUG: K") &&
                       find_crash_row(report[i - 1].text, rest) == &row;
    if (other != nullptr && !other->continues && !other->wide && !again && !belongs_together(row, *other))
      return i;
  }
  return report.size();
}

std::string why_corrupted(const Report& report, std::size_t header, const CrashRow& row, std::size_t blamed) {
  if (row.needs == Needs::broken) return "its first line is cut";
  for (std::size_t i = header; i <= std::max(blamed, header) && i < report.size(); ++i) {
    if (report[i].lost_before) return "messages were dropped inside it";
  }
  if (row.needs == Needs::nothing || (row.by == By::nobody && row.needs != Needs::trace)) return {};
  const auto frames = report_frames(report, header + 1);
  // Lockdep prints where the lock was taken in front of its trace.
  std::size_t start = header;
  if (row.by == By::lock_at) {
    while (start < report.size() && mark_of(report[start].text) != Mark::trace_start) ++start;
  }
  const bool trace = std::any_of(frames.begin(), frames.end(), [&](const ReportFrame& f) {
    return f.reliable && !f.instruction && f.index >= start;
  });
  if (!trace) return "it has no call trace";
  if (intruder(report, header, row) < report.size()) return "another report begins inside it";
  return {};
}

}  // namespace hangar::log
