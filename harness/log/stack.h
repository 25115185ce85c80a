// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/log/event.h"
#include "harness/log/record.h"

// Call traces: the frame formats of x86, arm, arm64 and the other architectures since 3.x, the task lines in
// front of them (sched_show_task(), dump_stack_print_info()), and the sections `<IRQ>`, `<TASK>`, `<NMI>`.
namespace hangar::log {

// A frame of a call trace, from ` ? func+0x1/0x2 [mod]`, `[<addr>] func+0x1/0x2`, `func+0x1/0x2 file.c:12`,
// `func file.c:12 [inline]`; nullopt when the line is none.
[[nodiscard]] std::optional<Frame> parse_frame(std::string_view text);
// The function in front of the first `+0x1/0x2` of the text; empty when there is none.
[[nodiscard]] std::string_view first_symbol(std::string_view text);
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
  void finish(const EventSink& sink);
  // The next lines may be task lines, whatever they look like: a detector or SysRq has just spoken.
  void expect() { expected_ = 40; }
  [[nodiscard]] bool open() const { return open_ || expected_ > 0; }

 private:
  void start(TaskStack task, const Record& record, const EventSink& sink);
  bool inside(const Record& record, bool hot, const EventSink& sink);

  TaskStack task_;
  std::string section_;
  bool open_ = false;
  bool in_trace_ = false;
  int expected_ = 0;  // lines that expect() still holds for
  int misses_ = 0;    // lines since the last that belonged
};

}  // namespace hangar::log
