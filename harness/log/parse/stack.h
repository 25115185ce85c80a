// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/log/parse/event.h"
#include "harness/log/record/record.h"

// Call traces: the frames (frame.h), the task lines in front of them (sched_show_task(),
// dump_stack_print_info()), and the sections `<IRQ>`, `<TASK>`, `<NMI>`.
namespace hangar::log {

// `Call Trace:`, `Call trace:`, `Backtrace:`, `stack backtrace:`, also behind other words on the line.
[[nodiscard]] bool is_trace_start(std::string_view text);
// "IRQ" for ` <IRQ> ...`; the rest of the text goes to `rest`.
[[nodiscard]] bool section_mark(std::string_view text, std::string_view& name, std::string_view& rest);
// The header of a task dump, without frames.
[[nodiscard]] std::optional<TaskStack> parse_task_line(std::string_view text);

// Collects one stack at a time and hands it on when it is complete.
class StackParser {
 public:
  // True when the record belongs to a stack.
  bool feed(const Record& record, bool hot, const EventSink& sink);
  // A plain frame of the open trace, if no other parser needs the record; false changes nothing.
  bool goes_on(const Record& record);
  void finish(const EventSink& sink);
  // The next lines may be task lines, whatever they look like: a detector or SysRq has just spoken.
  void expect() { expected_ = 40; }
  [[nodiscard]] bool open() const { return open_ || expected_ > 0; }

 private:
  void start(TaskStack task, const Record& record, const EventSink& sink);
  bool inside(const Record& record, bool hot, const EventSink& sink);

  Frame& next_frame();
  void took(Frame& frame, const Record& record);

  // Its first `frames_` frames: those behind are older ones, whose strings have room already.
  TaskStack task_;
  std::size_t frames_ = 0;
  std::string section_;
  bool open_ = false;
  bool in_trace_ = false;
  int expected_ = 0;  // lines that expect() still holds for
  int misses_ = 0;    // lines since the last that belonged
  PartCounts left_out_;
};

}  // namespace hangar::log
