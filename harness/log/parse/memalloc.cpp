// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/memalloc.h"

#include <algorithm>
#include <string>

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_tasks = 65536;
constexpr int max_misses = 200;  // a stack follows each task line

// `N stalling task, N dying task, N victim task.` A report with a count outside its range is none.
bool worded(std::string_view text, MemAlloc& out) {
  Scan scan(text);
  return scan.field(out.stalling, limits::tasks) && scan.take(" stalling task") && scan.skip_past(",") &&
         scan.field(out.dying, limits::tasks) && scan.take(" dying task") && scan.skip_past(",") &&
         scan.field(out.victim, limits::tasks) && scan.take(" victim task");
}

// `stalling=N dying=N exiting=N victim=N oom_count=N`
bool keyed(std::string_view text, MemAlloc& out) {
  const auto stalling = value_of(text, "stalling=", limits::tasks);
  const auto dying = value_of(text, "dying=", limits::tasks);
  const auto victim = value_of(text, "victim=", limits::tasks);
  if (!stalling || !dying || (!victim && contains(text, "victim="))) return false;
  out.stalling = *stalling;
  out.dying = *dying;
  out.victim = victim.value_or(0);
  out.exiting = value_of(text, "exiting=", limits::tasks);
  out.oom_count = value_of(text, "oom_count=", limits::count);
  return true;
}

// `delay=12345` is in jiffies of a kernel with HZ=1000, as in the published logs; `12345ms` and `12.3s` say
// their unit.
std::optional<double> delay_of(std::string_view word) {
  Scan scan(word);
  std::int64_t whole = 0;
  if (!scan.number(whole, limits::milliseconds)) return std::nullopt;
  double value = static_cast<double>(whole);
  double scale = 0.1;
  bool fraction = false;
  if (scan.take(".")) {
    fraction = true;
    while (is_digit(scan.peek())) {
      value += (scan.peek() - '0') * scale;
      scale /= 10;
      scan.cut(1);
    }
  }
  if (scan.take("ms")) return value / 1000;
  if (scan.take("s") || fraction) return value;
  return value / 1000;
}

std::optional<double> delay_seconds(std::string_view word) {
  const auto delay = delay_of(word);
  return delay && *delay <= static_cast<double>(limits::seconds.most) ? delay : std::nullopt;
}

void key_value(std::string_view key, std::string_view value, MemAllocTask& out) {
  if (key == "flags") out.flags = std::string(value.substr(0, limits::word));
  if (key == "gfp" || key == "gfp_mask")
    out.gfp_mask = std::string(value.substr(0, std::min(value.find('('), limits::word)));
  if (key == "delay" || key == "delay_ms" || key == "stalled") {
    out.delay_s = delay_seconds(key == "delay_ms" ? std::string(value) + "ms" : std::string(value));
  }
  if (key == "seq") out.seq = value_of(value, "", limits::count_32);
  if (key == "order") out.order = value_of<int>(value, "", limits::order);
}

}  // namespace

bool parse_memalloc_head(std::string_view text, MemAlloc& out) {
  Scan scan(text);
  if (!scan.skip_past("MemAlloc-Info:")) return false;
  return worded(scan.rest(), out) || keyed(scan.rest(), out);
}

bool parse_memalloc_task(std::string_view text, MemAllocTask& out) {
  Scan scan(text);
  if (!scan.take("MemAlloc: ")) return false;
  // `comm(pid) key=value ...`; a comm may hold blanks and parentheses, the pid's are the last before the
  // first key.
  const auto first_key = scan.rest().find('=');
  const auto open = scan.rest().substr(0, first_key).rfind('(');
  if (open > limits::comm) return false;  // npos too
  out.comm = scan.cut(open);
  scan.cut(1);
  std::optional<std::int64_t> pid;
  if (!scan.number(pid, limits::pid) || !scan.take(")")) return false;
  out.pid = pid.value_or(-1);
  for (scan.blanks(); !scan.at_end(); scan.blanks()) {
    auto word = scan.word();
    while (!word.empty() && (word.back() == ',' || word.back() == ';')) word.remove_suffix(1);
    if (word == "dying") out.dying = true;
    if (word == "victim") out.victim = true;
    const auto equals = word.find('=');
    if (equals != std::string_view::npos) key_value(word.substr(0, equals), word.substr(equals + 1), out);
  }
  return true;
}

bool parse_alloc_trouble(std::string_view text, AllocTrouble& out) {
  Scan scan(text);
  std::string_view comm;
  std::int64_t ms = 0;
  std::int64_t seconds = 0;
  if (scan.until(": page allocation stalls for ", comm)) {
    if (!scan.number(ms, limits::milliseconds) || !scan.take("ms")) return false;
    out.stalled_s = static_cast<double>(ms) / 1000;
  } else if (scan.until(": page allocation stall for ", comm)) {
    if (!scan.number(seconds, limits::seconds) || !scan.take(" secs")) return false;
    out.stalled_s = static_cast<double>(seconds);
  } else if (!scan.until(": page allocation failure", comm)) {
    return false;
  }
  out.comm = comm.substr(comm.size() > limits::comm ? comm.size() - limits::comm : 0);
  out.order = value_of<int>(scan.rest(), "order:", limits::order);
  if (!out.order) out.order = value_of<int>(scan.rest(), "order=", limits::order);
  if (scan.skip_past("mode:")) {
    auto mask = scan.word();
    mask = mask.substr(0, std::min(mask.find_first_of("(,"), limits::word));
    if (!mask.empty()) out.gfp_mask = std::string(mask);
  }
  return true;
}

bool MemAllocParser::feed(const Record& record, bool hot, const EventSink& sink) {
  if (const auto at = hot ? record.text.find("MemAlloc") : std::string_view::npos;
      at != std::string_view::npos) {
    const auto text = record.text.substr(at);
    MemAlloc head;
    if (parse_memalloc_head(text, head)) {
      finish(sink);
      head.line = record.line;
      head.time_s = record.time_s();
      if (record.time_us >= 0) due_us_ = record.time_us + 5'000'000;
      report_ = std::move(head);
      misses_ = 0;
      if (report_->stalling == 0) finish(sink);
      return true;
    }
    MemAllocTask task;
    if (report_ && parse_memalloc_task(text, task)) {
      task.line = record.line;
      if (report_->tasks.size() < max_tasks) {
        report_->tasks.push_back(std::move(task));
      } else {
        ++left_out_[Part::memalloc_tasks];
      }
      misses_ = 0;
      return true;
    }
  }
  if (hot && record.text.find("page allocation ") != std::string_view::npos) {
    AllocTrouble trouble;
    if (parse_alloc_trouble(record.text, trouble)) {
      trouble.line = record.line;
      trouble.time_s = record.time_s();
      sink(Event{record.line, record.time_s(), std::move(trouble)});
      return true;
    }
  }
  if (report_ && ++misses_ > max_misses) finish(sink);
  return false;
}

void MemAllocParser::finish(const EventSink& sink) {
  if (!report_) return;
  due_us_ = INT64_MAX;
  MemAlloc done = std::move(*report_);
  report_.reset();
  const auto line = done.line;
  const auto time_s = done.time_s;
  sink(Event{line, time_s, std::move(done)});
  report_left_out(left_out_, line, sink);
}

}  // namespace hangar::log
