// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash/crash.h"

#include <algorithm>
#include <array>

#include "harness/log/crash/title.h"
#include "harness/log/parse/detect.h"
#include "harness/log/parse/frame.h"
#include "harness/log/parse/stack.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_report_lines = 4000;
constexpr std::size_t max_report_bytes = 1 << 20;
constexpr std::size_t max_text = 1024;
// Lines of one report follow each other within milliseconds; a slow console makes it more.
constexpr std::int64_t pause_us = 3'000'000;
// nmi_trigger_cpumask_backtrace() waits up to 10 s for the other CPUs.
constexpr std::int64_t nmi_pause_us = 11'000'000;
// Lines behind the last frame that still are the report's: modules, registers.
constexpr std::int64_t rest_us = 500'000;

bool is_panic(const CrashRow& row) {
  return row.literal.starts_with("Kernel panic");
}

template <std::size_t N>
bool begins_with_any(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.starts_with(word); });
}

// Reasons that have nothing to do with a report before them (mm/oom_kill.c, sysrq, init).
bool stands_alone(std::string_view reason) {
  constexpr std::array<std::string_view, 5> alone = {"System is deadlocked on memory", "Out of memory",
                                                     "out of memory", "sysrq triggered crash",
                                                     "No working init found"};
  return begins_with_any(reason, alone);
}

// Reasons by which a detector of hangs panics (kernel/hung_task.c, kernel/watchdog.c,
// kernel/rcu/tree_stall.h).
bool follows_hang(std::string_view reason) {
  constexpr std::array<std::string_view, 8> detectors = {"hung_task",   "softlockup", "RCU Stall",
                                                         "Hard LOCKUP", "Watchdog",   "workqueue",
                                                         "RCU stall",   "watchdog"};
  return begins_with_any(reason, detectors);
}

// Dumps that have stacks and that no event announces before they are complete.
bool is_other_dump(std::string_view text) {
  return text.starts_with("MemAlloc-Info:") || contains(text, ": page allocation failure: order:") ||
         contains(text, ": page allocation stalls for ") || contains(text, ": page allocation stall for ");
}

// A line that only a report has: a frame, the head of a stack, a register that names a function.
bool is_part(std::string_view text) {
  std::string_view name;
  std::string_view rest;
  return mark_of(text) != Mark::none || section_mark(text, name, rest) || parse_frame(text).has_value() ||
         contains(text, "RIP: ") || text.starts_with("NMI backtrace for");
}

// Where the kernel was. Stacks that SysRq or the OOM killer print show a register of user mode at most.
bool is_kernel_instruction(std::string_view text) {
  return trim_left(text).starts_with("RIP: 0010:");
}

// `name:1234 blocked for more than 120 seconds.`
bool is_end_of_hung_line(std::string_view text) {
  return contains(text, " blocked for more than ") || contains(text, " blocked in I/O wait for ") ||
         contains(text, " can't die for more than ");
}

// The task's name has a line break: the rest of the line is on the next one.
bool is_broken_hung_line(std::string_view text) {
  return text.starts_with("INFO: task ") && !contains(text, " blocked on ") && !is_end_of_hung_line(text);
}

}  // namespace

void CrashParser::add(const Record& record) {
  if (report_.size() >= max_report_lines || bytes_ >= max_report_bytes) return;
  ReportLine line;
  line.text = record.text.substr(0, max_text);
  line.line = record.line;
  line.time_us = record.time_us;
  line.caller = record.caller;
  line.lost_before = lost_line_ > 0 && record.line <= lost_line_ + 1;
  bytes_ += line.text.size() + sizeof(ReportLine);
  report_.push_back(std::move(line));
}

// Adds a line that is certainly the report's.
void CrashParser::part(const Record& record) {
  add(record);
  parts_ = report_.size();
  last_us_ = std::max(last_us_, record.time_us);
}

void CrashParser::start(const Record& record, const CrashRow& row) {
  report_.clear();
  bytes_ = 0;
  frames_ = {};
  ended_ = over_ = false;
  row_ = &row;
  last_us_ = record.time_us;
  part(record);
}

void CrashParser::read_frames() {
  for (; frames_.read < report_.size(); ++frames_.read) {
    if (!frames_.reader.next(report_, frames_.read)) continue;
    ++frames_.count;
    frames_.last = frames_.read;
  }
}

bool CrashParser::has_trace() {
  read_frames();
  return ended_ || frames_.count > 0;
}

// A report that has all its parts: what begins now is another one.
bool CrashParser::complete() {
  if (ended_ || over_) return true;
  read_frames();
  return frames_.count > 3 && report_.size() > frames_.last + 8;
}

// The line comes so long after the report's last one that it is none of it.
bool CrashParser::late(const Record& record) const {
  if (record.time_us < 0 || last_us_ < 0) return false;
  const bool nmi = parts_ > 0 && contains(report_[parts_ - 1].text, "Sending NMI");
  return record.time_us > last_us_ + (nmi ? nmi_pause_us : pause_us);
}

// The report's own panic.
bool CrashParser::panics(const Record& record) const {
  const auto reason = parse_panic(record.text);
  if (!reason || is_panic(*row_)) return reason.has_value();
  if (stands_alone(*reason)) return false;
  if (follows_hang(*reason)) return row_->type == "HANG";
  // `Fatal exception: panic in 5 seconds` of 2.6 comes late; else an oops goes straight on to its panic.
  if (late(record)) return ended_ && reason->starts_with("Fatal exception");
  return !over_ || row_->type != "HANG";
}

// A line that would begin a report, and is a part of the open one.
bool CrashParser::belongs(const Record& record, const CrashRow& row) {
  if (is_panic(row)) return panics(record);
  // Hung tasks and stalls come in series: one crash.
  const bool series = row.type == "HANG" && row_->type == "HANG" && !over_ && !late(record);
  if (series) return true;
  // The consequences of a hang are not part of its report.
  const bool other = row_->type == "HANG" && row.type != "HANG" && has_trace();
  return !other && !complete() && !late(record);
}

// Lines since `line` belong to the other dump, except for the place of the kernel if the report lacks it.
void CrashParser::interrupted(std::uint64_t line) {
  // A panic that other CPUs interrupt goes on: they stop, it does not.
  if (row_ == nullptr || is_panic(*row_)) return;
  over_ = true;
  const auto cut =
      std::lower_bound(report_.begin() + 1, report_.end(), line,
                       [](const ReportLine& one, std::uint64_t first) { return one.line < first; });
  if (cut == report_.end()) return;
  const auto at =
      std::find_if(cut, report_.end(), [](const ReportLine& one) { return is_kernel_instruction(one.text); });
  Report instruction;
  if (at != report_.end()) instruction.push_back(*at);
  report_.erase(cut, report_.end());
  frames_ = {};
  if (row_->type != "HANG" && !has_trace())
    report_.insert(report_.end(), instruction.begin(), instruction.end());
  parts_ = std::min(parts_, report_.size());
}

// printk cuts a message that a console with more to say takes over, and prints it again (since 6.12).
void CrashParser::replayed() {
  if (report_.size() > 1) {
    report_.pop_back();
    parts_ = std::min(parts_, report_.size());
  } else {
    row_ = nullptr;
  }
}

void CrashParser::feed(const Record& record, bool hot, bool kernel, const EventSink& sink) {
  if (broken_line_ > 0 && is_end_of_hung_line(record.text)) {
    Record whole = record;
    broken_ += record.text;
    whole.text = broken_;
    whole.line = broken_line_;
    broken_line_ = 0;
    return take(whole, true, kernel, sink);
  }
  const bool broken = hot && kernel && is_broken_hung_line(record.text);
  broken_line_ = broken ? record.line : 0;
  if (broken) broken_ = record.text.substr(0, max_text);
  take(record, hot, kernel, sink);
}

void CrashParser::take(const Record& record, bool hot, bool kernel, const EventSink& sink) {
  if (row_ != nullptr && record.text.starts_with("** replaying previous printk message")) return replayed();
  std::string_view rest;
  const CrashRow* row = hot ? find_crash_row(record.text, rest) : nullptr;
  // Programs print WARNING: too; and half a line may be the beginning of another one.
  if (row != nullptr && row->wide && (!kernel || half_line_)) row = nullptr;
  if (row_ == nullptr) {
    if (row != nullptr) start(record, *row);
    return;
  }
  const bool another = row != nullptr && !belongs(record, *row);
  if (another && half_line_) row = nullptr;  // the whole line may belong
  if (another && row != nullptr) {
    finish(sink);
    start(record, *row);
    return;
  }
  const bool other_dump = !is_panic(*row_) && is_other_dump(record.text);
  if (!over_ && (other_dump || (late(record) && has_trace()))) over_ = true;
  // Another CPU's dump can begin between the header and the line with the instruction.
  const bool after_a_dump =
      over_ && row_->type != "HANG" && is_kernel_instruction(record.text) && !late(record) && !has_trace();
  const bool its_own = !over_ && (is_part(record.text) || contains(record.text, "Sending NMI"));
  if (row != nullptr || its_own || after_a_dump) {
    part(record);
  } else if (!over_) {
    add(record);
  }
  if (contains(record.text, "---[ end ")) {
    ended_ = true;
    if (contains(record.text, "end Kernel panic")) finish(sink);
  }
  if (row_ != nullptr && (report_.size() >= max_report_lines || bytes_ >= max_report_bytes)) {
    ++left_out_[Part::long_reports];
    finish(sink);
  }
}

void CrashParser::finish(const EventSink& sink) {
  if (row_ == nullptr) return;
  while (report_.size() > parts_ && report_.back().time_us > last_us_ + rest_us) report_.pop_back();
  Crash crash = name_crash(report_, 0, *row_);
  row_ = nullptr;
  const auto line = crash.line;
  const auto time_s = crash.time_s;
  sink(Event{line, time_s, std::move(crash)});
  report_left_out(left_out_, line, sink);
}

}  // namespace hangar::log
