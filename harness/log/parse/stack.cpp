// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/stack.h"

#include <algorithm>

#include "harness/log/parse/frame.h"
#include "harness/log/record/scan.h"

namespace hangar::log {

bool is_trace_start(std::string_view text) {
  const auto at = text.find("race:");
  if (at != std::string_view::npos && at >= 6) {
    const auto word = text.substr(at - 6, 6);
    if (word == "Call T" || word == "Call t" || word == "l back" || word == "Backtr") return true;
    if (at >= 5 && text.substr(at - 5, 5) == "backt") return true;
  }
  return text.starts_with("Backtrace:") || text.starts_with("stack backtrace:");
}

bool section_mark(std::string_view text, std::string_view& name, std::string_view& rest) {
  Scan scan(trim_left(text));
  if (!scan.take("<")) return false;
  scan.take("/");
  const auto word = scan.rest().substr(0, std::min(scan.rest().find('>'), scan.rest().size()));
  if (word.empty() || word.size() > 8 || word.size() == scan.rest().size()) return false;
  for (const char c : word) {
    if ((c < 'A' || c > 'Z') && c != '_' && !is_digit(c) && c != '#') return false;
  }
  name = word;
  rest = scan.rest().substr(word.size() + 1);
  return true;
}

namespace {

std::string_view last_word(std::string_view& text) {
  text = trim_right(text);
  const auto at = text.find_last_of(" \t");
  const auto word = at == std::string_view::npos ? text : text.substr(at + 1);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(0, at);
  return word;
}

bool whole_number(std::string_view text, std::int64_t& out, const Range& range) {
  Scan scan(text);
  return scan.number(out, range) && scan.at_end();
}

// `task:a.out  state:D stack:    0 pid: 3418 ppid:  3417 flags:0x00004000`, since 5.9.
std::optional<TaskStack> new_task_line(std::string_view text) {
  Scan scan(text);
  std::string_view comm;
  if (!scan.take("task:") || !scan.until(" state:", comm)) return std::nullopt;
  TaskStack task;
  task.comm = trim_right(comm.substr(0, limits::comm));
  task.state = std::string(scan.cut(1));
  bool named = false;
  // ` stack:0     pid:51    tgid:51 ppid:43     flags:0x00404004`: blanks may follow a colon.
  while (!scan.at_end()) {
    scan.blanks();
    const auto key = scan.name();
    if (!scan.take(":")) {
      scan.cut(1);
      continue;
    }
    scan.blanks();
    std::optional<std::int64_t> pid;
    std::uint64_t flags = 0;
    if (key == "pid") {
      named = scan.number(pid, limits::pid);
      task.pid = pid.value_or(-1);
    } else if (key == "tgid") {
      scan.number(task.tgid, limits::pid);
    } else if (key == "ppid") {
      scan.number(task.ppid, limits::pid);
    } else if (scan.any_number(flags) && key == "flags") {
      task.flags = flags;
    }
  }
  return named ? std::optional(std::move(task)) : std::nullopt;
}

// `a.out           D ffff8800777b7e08     0  3418   3417 0x00100084` or `R  running task        0  3417 3296
// 0x80`.
std::optional<TaskStack> old_task_line(std::string_view text) {
  std::string_view rest = trim_right(text);
  if (rest.size() < 30 || !contains(rest, " 0x")) return std::nullopt;
  TaskStack task;
  std::uint64_t flags = 0;
  std::int64_t ppid = 0;
  std::int64_t free_stack = 0;
  const auto flags_word = last_word(rest);
  if (Scan scan(flags_word); !scan.take("0x") || !scan.number(flags, 16) || !scan.at_end())
    return std::nullopt;
  if (!whole_number(last_word(rest), ppid, limits::pid) ||
      !whole_number(last_word(rest), task.pid, limits::pid)) {
    return std::nullopt;
  }
  auto left = last_word(rest);
  if (left.size() > 1 && !is_digit(left.front())) {  // `D21600`: the state and the free stack without a blank
    task.state = left.substr(0, 1);
    left.remove_prefix(1);
  }
  if (!whole_number(left, free_stack, limits::kb)) return std::nullopt;
  rest = trim_right(rest);
  if (!task.state.empty()) {
  } else if (rest.ends_with("running task")) {
    rest.remove_suffix(12);
  } else if (const auto address = last_word(rest); address.size() < 8 && address.size() != 1) {
    return std::nullopt;
  } else if (address.size() == 1) {
    task.state = address;
  }
  rest = trim_right(rest);
  if (task.state.empty()) task.state = last_word(rest);
  if (task.state.size() != 1 || !contains("RSDTtZXIKWPNx", task.state)) return std::nullopt;
  task.comm = trim_right(rest);
  if (task.comm.empty() || task.comm.size() > limits::comm) return std::nullopt;
  task.flags = flags;
  task.ppid = ppid;
  return task;
}

// `CPU: 1 PID: 4070 Comm: syz-executor Not tainted 6.1.0 #1`.
std::optional<TaskStack> cpu_line(std::string_view text) {
  Scan scan(text);
  if (!scan.take("CPU: ") && !scan.take("CPU:")) return std::nullopt;
  TaskStack task;
  std::optional<std::int64_t> pid;
  if (!scan.skip_past("PID: ") || !scan.number(pid, limits::pid) || !scan.skip_past("Comm: "))
    return std::nullopt;
  task.pid = pid.value_or(-1);
  auto comm = scan.rest();
  for (const std::string_view tail : {" Kdump: ", " Not tainted", " Tainted:"}) {
    if (const auto at = comm.find(tail); at != std::string_view::npos) comm = comm.substr(0, at);
  }
  task.comm = trim_right(comm.substr(0, limits::comm));
  return task;
}

}  // namespace

std::optional<TaskStack> parse_task_line(std::string_view text) {
  if (text.starts_with("task:")) return new_task_line(text);
  if (text.starts_with("CPU:")) return cpu_line(text);
  return old_task_line(text);
}

namespace {

constexpr std::size_t max_frames = 512;
constexpr std::size_t usual_frames = 24;
constexpr int max_misses = 24;  // register and code lines are between a task line and its trace

}  // namespace

// In place: a dump is hardly anything but frames.
Frame& StackParser::next_frame() {
  if (frames_ == task_.frames.size()) return task_.frames.emplace_back();
  Frame& frame = task_.frames[frames_];
  frame.offset.reset();
  frame.size.reset();
  frame.reliable = true;
  frame.inlined = false;
  frame.module.clear();
  frame.source.clear();
  return frame;
}

void StackParser::start(TaskStack task, const Record& record, const EventSink& sink) {
  finish(sink);
  task.frames = std::move(task_.frames);
  task_ = std::move(task);
  frames_ = 0;
  task_.line = task_.last_line = record.line;
  task_.time_s = record.time_s();
  task_.frames.reserve(usual_frames);
  open_ = true;
  in_trace_ = false;
  section_.clear();
  misses_ = 0;
}

bool StackParser::inside(const Record& record, bool hot, const EventSink& sink) {
  auto text = record.text;
  std::string_view name;
  std::string_view rest;
  if (section_mark(text, name, rest)) {
    section_ = contains(text, "</") ? "" : std::string(name);
    in_trace_ = true;
    text = rest;
    if (trim_left(rest).empty()) return true;
  }
  if (hot && is_trace_start(text)) {
    if (in_trace_ && frames_ > 0) {  // a second trace belongs to another task
      TaskStack next;
      next.comm = task_.comm;
      next.pid = task_.pid;
      start(std::move(next), record, sink);
    }
    in_trace_ = true;
    return true;
  }
  // In front of a stamp is another console's or a program's text.
  const bool fragment = record.spliced && record.clock == Clock::none;
  if (!in_trace_ && fragment) return false;
  if (!in_trace_) return ++misses_ <= max_misses || (finish(sink), false);
  if (auto& frame = next_frame(); parse_frame(text, frame)) {
    took(frame, record);
    return true;
  }
  // Another message between two frames is common; a few in a row mean the trace is over.
  if (!fragment && ++misses_ > 3) finish(sink);
  return false;
}

void StackParser::took(Frame& frame, const Record& record) {
  frame.section = section_;
  if (frames_ < max_frames) {
    ++frames_;
  } else {
    ++left_out_[Part::frames];
  }
  task_.last_line = record.line;
  misses_ = 0;
}

bool StackParser::goes_on(const Record& record) {
  if (!open_ || !in_trace_) return false;
  auto& frame = next_frame();
  if (!plain_frame(record.text, frame)) return false;
  if (expected_ > 0) --expected_;
  took(frame, record);
  return true;
}

bool StackParser::feed(const Record& record, bool hot, const EventSink& sink) {
  const auto text = record.text;
  const bool expected = open_ || expected_ > 0;
  if (expected_ > 0) --expected_;
  if ((hot || expected) && !text.empty() && text.front() != ' ' && text.front() != '[' &&
      (expected || contains(text, "task:") || contains(text, "running task") || contains(text, "PID: "))) {
    if (auto task = parse_task_line(text)) {
      start(std::move(*task), record, sink);
      return true;
    }
  }
  if (!open_) {
    if (!hot || !is_trace_start(text)) return false;
    start(TaskStack{}, record, sink);
    in_trace_ = true;
    return true;
  }
  return inside(record, hot, sink);
}

void StackParser::finish(const EventSink& sink) {
  if (!open_) return;
  open_ = false;
  if (frames_ == 0 && task_.state.empty()) return;
  task_.frames.resize(frames_);
  Event event{task_.line, task_.time_s, std::move(task_)};
  const auto line = event.line;
  sink(std::move(event));
  // If they were not kept, the next stack's frames replace them.
  task_ = std::move(std::get<TaskStack>(event.body));  // NOLINT: as the sink left it
  report_left_out(left_out_, line, sink);
}

}  // namespace hangar::log
