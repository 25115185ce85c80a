// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/stack.h"

#include <algorithm>
#include <array>

#include "harness/log/scan.h"

namespace hangar::log {
namespace {

bool is_symbol(char c) {
  return is_name(c) || c == '.' || c == '$' || c == ':';
}

struct Symbol {
  std::string_view name;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::size_t begin = 0;  // of the name in the text
  std::size_t end = 0;    // behind the size
};

// `name+0x12/0x34`: what %pS prints everywhere.
std::optional<Symbol> find_symbol(std::string_view text) {
  std::size_t from = 0;
  for (;;) {
    const auto plus = text.find("+0x", from);
    if (plus == std::string_view::npos) return std::nullopt;
    from = plus + 3;
    std::size_t begin = plus;
    while (begin > 0 && is_symbol(text[begin - 1])) --begin;
    Symbol symbol;
    Scan scan(text.substr(from));
    if (begin == plus || !scan.number(symbol.offset, 16) || !scan.take("/0x") ||
        !scan.number(symbol.size, 16)) {
      continue;
    }
    symbol.name = text.substr(begin, plus - begin);
    const auto colon = symbol.name.rfind(':');  // "RIP: 0010:func"
    if (colon != std::string_view::npos) {
      symbol.name.remove_prefix(colon + 1);
      begin += colon + 1;
    }
    if (symbol.name.empty() || is_digit(symbol.name.front())) continue;
    symbol.begin = begin;
    symbol.end = text.size() - scan.rest().size();
    return symbol;
  }
}

// `fs/file.c:123` at the cursor.
std::string_view source_place(Scan& scan) {
  Scan ahead = scan;
  ahead.blanks();
  const auto word = ahead.word();
  const auto colon = word.rfind(':');
  if (colon == std::string_view::npos || colon < 3 || colon + 1 >= word.size() || !is_digit(word[colon + 1]))
    return {};
  if (!contains(word.substr(0, colon), ".") || word.find_first_of("()[]<>,=") != std::string_view::npos)
    return {};
  scan = ahead;
  return word;
}

// Between an address, a `?` and the symbol nothing else may stand in a frame.
bool frame_lead(std::string_view lead, bool& reliable) {
  Scan scan(lead);
  for (;;) {
    scan.blanks();
    if (scan.at_end()) return true;
    if (scan.take("?")) {
      reliable = false;
    } else if (scan.peek() == '[' || scan.peek() == '(') {
      const bool bracket = scan.peek() == '[';
      std::string_view inner;
      scan.cut(1);
      if (!scan.until(bracket ? "]" : ")", inner)) {
        if (inner.empty() && !bracket && scan.at_end()) return true;  // arm's `(func+0x..)`
        return false;
      }
      for (const char c : inner) {
        if (!is_name(c) && c != '<' && c != '>' && c != '.') return false;
      }
    } else if (scan.take("from") || scan.take("0x")) {
      continue;
    } else if (is_hex(scan.peek())) {
      const auto word = scan.word();
      if (word.size() < 8 || !std::all_of(word.begin(), word.end(), is_hex)) return false;
    } else {
      return false;
    }
  }
}

std::optional<Frame> symbol_frame(std::string_view text) {
  const auto symbol = find_symbol(text);
  if (!symbol) return std::nullopt;
  Frame frame;
  std::string_view lead = text.substr(0, symbol->begin);
  if (!lead.empty() && lead.back() == '(') lead.remove_suffix(1);
  if (!frame_lead(lead, frame.reliable)) return std::nullopt;
  frame.function = symbol->name;
  frame.offset = symbol->offset;
  frame.size = symbol->size;
  Scan scan(text.substr(symbol->end));
  scan.take(")");
  scan.take("()");
  frame.source = source_place(scan);
  scan.blanks();
  std::string_view inside;
  if (scan.take("[") && scan.until("]", inside)) {
    if (inside == "inline") {
      frame.inlined = true;
    } else {
      frame.module = inside.substr(0, inside.find(' '));
    }
    scan.blanks();
  }
  if (scan.take("(unreliable)")) frame.reliable = false;
  return frame;
}

// `func fs/file.c:12 [inline]`, as symbolising scripts print an inlined function.
std::optional<Frame> inlined_frame(std::string_view text) {
  Frame frame;
  Scan scan(text);
  scan.blanks();
  std::string_view address;
  if (scan.take("[<") && (!scan.until(">]", address) || address.size() < 4)) return std::nullopt;
  if (scan.take("[")) {
    if (!scan.take("inline]")) return std::nullopt;
    frame.inlined = true;
  }
  scan.blanks();
  if (scan.take("?")) frame.reliable = false;
  scan.blanks();
  Scan before = scan;
  std::size_t n = 0;
  while (n < before.rest().size() && is_symbol(before.rest()[n])) ++n;
  const auto name = scan.cut(n);
  if (name.empty() || is_digit(name.front()) || name.back() == ':') return std::nullopt;
  frame.source = source_place(scan);
  if (frame.source.empty()) return std::nullopt;
  scan.blanks();
  if (scan.take("[inline]") || scan.take("(inline)")) frame.inlined = true;
  frame.function = name;
  if (!frame.inlined && !scan.at_end() && scan.peek() != '[') return std::nullopt;
  return frame;
}

}  // namespace

std::optional<Frame> parse_frame(std::string_view text) {
  if (auto frame = symbol_frame(text)) return frame;
  return inlined_frame(text);
}

std::string_view first_symbol(std::string_view text) {
  const auto symbol = find_symbol(text);
  return symbol ? symbol->name : std::string_view{};
}

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

template <typename T>
bool whole_number(std::string_view text, T& out, int base = 10) {
  Scan scan(text);
  return scan.number(out, base) && scan.at_end();
}

// `task:a.out  state:D stack:    0 pid: 3418 ppid:  3417 flags:0x00004000`, since 5.9.
std::optional<TaskStack> new_task_line(std::string_view text) {
  Scan scan(text);
  std::string_view comm;
  if (!scan.take("task:") || !scan.until(" state:", comm)) return std::nullopt;
  TaskStack task;
  task.comm = trim_right(comm);
  task.state = std::string(scan.cut(1));
  // ` stack:0     pid:51    tgid:51 ppid:43     flags:0x00404004`: blanks may stand behind a colon.
  while (!scan.at_end()) {
    scan.blanks();
    const auto key = scan.name();
    if (!scan.take(":")) {
      scan.cut(1);
      continue;
    }
    scan.blanks();
    std::uint64_t value = 0;
    if (!scan.any_number(value)) continue;
    const auto number = static_cast<std::int64_t>(value);
    if (key == "pid") {
      task.pid = number;
    } else if (key == "tgid") {
      task.tgid = number;
    } else if (key == "ppid") {
      task.ppid = number;
    } else if (key == "flags") {
      task.flags = value;
    }
  }
  if (task.pid < 0) return std::nullopt;
  return task;
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
  if (!flags_word.starts_with("0x") || !whole_number(flags_word.substr(2), flags, 16)) return std::nullopt;
  if (!whole_number(last_word(rest), ppid) || !whole_number(last_word(rest), task.pid)) return std::nullopt;
  auto left = last_word(rest);
  if (left.size() > 1 && !is_digit(left.front())) {  // `D21600`: the state and the free stack without a blank
    task.state = left.substr(0, 1);
    left.remove_prefix(1);
  }
  if (!whole_number(left, free_stack)) return std::nullopt;
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
  if (task.comm.empty() || task.comm.size() > 64) return std::nullopt;
  task.flags = flags;
  task.ppid = ppid;
  return task;
}

// `CPU: 1 PID: 4070 Comm: syz-executor Not tainted 6.1.0 #1`.
std::optional<TaskStack> cpu_line(std::string_view text) {
  Scan scan(text);
  if (!scan.take("CPU: ") && !scan.take("CPU:")) return std::nullopt;
  TaskStack task;
  if (!scan.skip_past("PID: ") || !scan.number(task.pid) || !scan.skip_past("Comm: ")) return std::nullopt;
  auto comm = scan.rest();
  for (const std::string_view tail : {" Not tainted", " Tainted:"}) {
    if (const auto at = comm.find(tail); at != std::string_view::npos) comm = comm.substr(0, at);
  }
  task.comm = trim_right(comm);
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
constexpr int max_misses = 24;  // register and code lines stand between a task line and its trace

}  // namespace

void StackParser::start(TaskStack task, const Record& record, const EventSink& sink) {
  finish(sink);
  task_ = std::move(task);
  task_.line = task_.last_line = record.line;
  task_.time_s = record.time_s();
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
    if (in_trace_ && !task_.frames.empty()) {  // a second trace belongs to somebody else
      TaskStack next;
      next.comm = task_.comm;
      next.pid = task_.pid;
      start(std::move(next), record, sink);
    }
    in_trace_ = true;
    return true;
  }
  if (!in_trace_) return ++misses_ <= max_misses || (finish(sink), false);
  if (auto frame = parse_frame(text)) {
    frame->section = section_;
    if (task_.frames.size() < max_frames) task_.frames.push_back(std::move(*frame));
    task_.last_line = record.line;
    misses_ = 0;
    return true;
  }
  // Another message between two frames is common; a few in a row mean the trace is over.
  if (++misses_ > 3) finish(sink);
  return false;
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
  if (task_.frames.empty() && task_.state.empty()) return;
  const auto line = task_.line;
  const auto time_s = task_.time_s;
  sink(Event{line, time_s, std::move(task_)});
  task_ = TaskStack{};
}

}  // namespace hangar::log
