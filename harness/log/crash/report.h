// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The lines of one crash report, copied out of the log, and the call frames in them.
namespace hangar::log {

struct ReportLine {
  std::string text;
  std::uint64_t line = 0;
  std::int64_t time_us = -1;
  std::string caller;
  bool lost_before = false;  // printk dropped messages in front of it
};

using Report = std::vector<ReportLine>;

enum class Where : std::uint8_t { task, interrupt, nmi };

struct ReportFrame {
  std::string function;   // as printed
  std::string source;     // `fs/file.c:12`, in a report with symbols; or empty
  std::size_t index = 0;  // of its line in the report
  int trace = 0;          // counts stacks
  bool reliable = true;
  bool instruction = false;  // from RIP, PC, pc and their like
  bool inlined = false;
  Where where = Where::task;
};

// What ends a trace: memory dumps, allocation stacks, the second half of a report.
enum class Mark : std::uint8_t { none, trace_start, other_stack, end_of_report, user_mode };
[[nodiscard]] Mark mark_of(std::string_view text);

// Reads the frames of a report line by line, so that one that grows is not read again.
class FrameReader {
 public:
  // The frame on this line, if there is one. The lines come in order.
  [[nodiscard]] std::optional<ReportFrame> next(const Report& report, std::size_t index);

 private:
  [[nodiscard]] ReportFrame frame_at(std::size_t index) const;

  int trace_ = 0;
  bool calls_ = false;  // the open stack has calls
  Where where_ = Where::task;
};

// The frames from line `from` on, in print order.
[[nodiscard]] std::vector<ReportFrame> report_frames(const Report& report, std::size_t from);

// The plain name: without .isra.0, .constprop.1, .part.2, .cold, and demangled.
[[nodiscard]] std::string plain_name(std::string_view function);

}  // namespace hangar::log
