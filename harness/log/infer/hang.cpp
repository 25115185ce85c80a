// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/infer/hang.h"

#include <algorithm>

namespace hangar::log {
namespace {

constexpr std::size_t max_lines = 256;
constexpr std::int64_t least_pause_us =
    20'000'000;                       // drivers time out after 10 s at most while they are probed
constexpr int default_warnings = 10;  // kernel.hung_task_warnings
constexpr std::size_t max_kills = 256;
constexpr std::size_t max_pids = 65536;

double seconds(std::int64_t us) {
  return static_cast<double>(us) / 1e6;
}

// A time that no clock reaches is never.
std::int64_t microseconds(double seconds) {
  constexpr double latest_s = 9e12;
  return seconds < latest_s ? static_cast<std::int64_t>(seconds * 1e6) : INT64_MAX;
}

}  // namespace

// The last line is kept beside the first ones: it shows how long the hang lasted.
void HangTracker::cite(Hang& hang, std::uint64_t line) {
  if (line == 0 || (!hang.lines.empty() && hang.lines.back() == line)) return;
  if (hang.lines.size() < max_lines) {
    hang.lines.push_back(line);
  } else {
    hang.lines.back() = line;
    ++left_out_[Part::cited_lines];
  }
}

void HangTracker::open_stall(Seconds start, std::uint64_t line) {
  stall_ = Open{};
  stall_.active = true;
  stall_.hang.kind = HangKind::memory_stall;
  stall_.hang.start_s = start;
  stall_pids_.clear();
  cite(stall_.hang, line);
  ending_.reset();
  worse_ = true;
  task_.active = false;  // a memory stall subsumes hung-task reports
}

// A task that an oops ends never leaves the allocator: its note of the watchdog stays, though it waits for no
// memory. (make_task_dead since 5.17; rewind_stack_do_exit before.)
void HangTracker::note_oopsed(const TaskStack& stack) {
  const bool oopsed = std::any_of(stack.frames.begin(), stack.frames.end(), [](const Frame& frame) {
    return frame.function == "rewind_stack_and_make_dead" || frame.function == "rewind_stack_do_exit";
  });
  if (!oopsed) return;
  if (stack.pid < 0) return;
  if (oopsed_.size() < max_pids) {
    oopsed_.insert(stack.pid);
  } else {
    ++left_out_[Part::followed_tasks];
  }
  // Its stack follows the report that opened the stall.
  if (!stall_.active || stall_pids_.erase(stack.pid) == 0 || !stall_pids_.empty()) return;
  stall_ = Open{};
  ending_.reset();
  worse_ = lockup_.active;
}

MemAlloc HangTracker::without_oopsed(const MemAlloc& report) const {
  MemAlloc rest = report;
  const auto left_out = std::erase_if(
      rest.tasks, [&](const MemAllocTask& task) { return oopsed_.find(task.pid) != oopsed_.end(); });
  rest.stalling = std::max<std::int64_t>(0, rest.stalling - static_cast<std::int64_t>(left_out));
  return rest;
}

// Victims that still have their memory, or other tasks that are dying with them.
void HangTracker::note_stuck_victims(const MemAlloc& report) {
  if (report.victim == 0 && report.dying == 0) return;
  for (StallKill& kill : kills_) {
    if (!report.time_s || kill.time_s < *report.time_s) kill.gone = false;
  }
}

void HangTracker::set_cause(Hang& hang, double end_s) const {
  constexpr double before_s = 3;  // see stall_cause()
  const bool incomplete = forgotten_kill_s_ && hang.start_s && *forgotten_kill_s_ >= *hang.start_s - before_s;
  if (hang.kind == HangKind::memory_stall && hang.start_s && !incomplete)
    hang.cause = stall_cause(*hang.start_s, end_s, kills_);
}

void HangTracker::memalloc(const MemAlloc& report, const EventSink& sink) {
  const double now = report.time_s.value_or(-1);
  const bool stuck_victim =
      report.victim > 0 || (report.dying > 0 && last_kill_s_ && now - *last_kill_s_ < 60);
  note_stuck_victims(report);
  if (stall_.active) {
    cite(stall_.hang, report.line);
    if (now >= 0 && stall_.last >= 0 && !stall_.elided)
      stall_.period = std::clamp(now - stall_.last, 1.0, 60.0);
    const bool fell = ending_ && report.stalling * 2 <= ending_->stalling;
    if (fell || report.stalling == 0) {
      const bool known = ending_.has_value();
      const HangEnd by = known ? ending_->by : HangEnd::recovery;
      if (known) cite(stall_.hang, ending_->line);
      close(stall_, known && fell ? Seconds(ending_->time) : report.time_s, by, sink);
    } else {
      ending_.reset();
    }
  } else if (report.stalling > 0) {
    Seconds start = report.time_s;
    for (const auto& task : report.tasks) {
      if (start && task.delay_s && now >= 0) start = std::min(*start, std::max(0.0, now - *task.delay_s));
    }
    const bool killed = last_kill_s_ && now >= 0 && now - *last_kill_s_ < 60;
    open_stall(start, stuck_victim && killed ? last_kill_line_ : report.line);
    if (stuck_victim && killed) stall_.hang.start_s = std::min(*start, *last_kill_s_);
    cite(stall_.hang, report.line);
  }
  // One that is not noted may be any task: it keeps the stall open, as one without a PID does.
  for (const MemAllocTask& task : report.tasks)
    stall_pids_.insert(stall_pids_.size() < max_pids ? task.pid : -1);
  stalling_ = report.stalling;
  stall_.last = now;
  stall_.elided = false;
}

void HangTracker::alloc_stall(const AllocTrouble& trouble, const EventSink& sink) {
  (void)sink;
  if (!trouble.stalled_s || !trouble.time_s) return;
  if (!stall_.active) {
    open_stall(std::max(0.0, *trouble.time_s - *trouble.stalled_s), trouble.line);
  }
  cite(stall_.hang, trouble.line);
  stall_pids_.insert(-1);  // a task without a PID
  stall_.last = *trouble.time_s;
  stall_.elided = false;
}

void HangTracker::lockup(const Lockup& report, const EventSink& sink) {
  (void)sink;
  if (!lockup_.active) {
    lockup_ = Open{};
    lockup_.active = true;
    lockup_.hang.kind = HangKind::lockup;
    lockup_.hang.start_s = report.time_s;
    if (report.time_s && report.stuck_s)
      lockup_.hang.start_s = std::max(0.0, *report.time_s - *report.stuck_s);
    worse_ = true;
    task_.active = false;
  }
  cite(lockup_.hang, report.line);
  lockup_.last = report.time_s.value_or(-1);
  // RCU reports again after three times its timeout and 3 s; distributions have a timeout of up to 60 s.
  lockup_.period = report.kind == LockupKind::rcu ? 61 : 30;
}

// A task that is blocked in the allocator is what a memory stall looks like without its own reports.
void HangTracker::stack(const TaskStack& stack) {
  if (!task_.active || stack.pid < 0 || stack.pid != hung_pid_ || !waits_for_memory(stack)) return;
  task_.hang.kind = HangKind::memory_stall;
}

void HangTracker::hung_task(const HungTask& report) {
  hung_pid_ = report.pid;
  ++hung_reports_;
  if (stall_.active) cite(stall_.hang, report.line);
  if (stall_.active || lockup_.active) return;
  const double now = report.time_s.value_or(-1);
  if (!task_.active) {
    task_ = Open{};
    task_.active = true;
    task_.hang.kind = HangKind::task;
    if (report.time_s) task_.hang.start_s = std::max(0.0, now - report.blocked_s.value_or(0));
  }
  cite(task_.hang, report.line);
  task_.last = now;
  // The detector's period is its timeout. The seconds of a task that stays blocked grow.
  if (report.blocked_s) {
    const bool first = task_.hang.lines.size() == 1;
    task_.period = first ? *report.blocked_s : std::min(task_.period, *report.blocked_s);
  }
  // Older kernels do not announce that it was the last one.
  task_.suppressed = hung_reports_ == default_warnings;
}

void HangTracker::kill(const Event& event) {
  const bool sysrq =
      std::holds_alternative<OomInvoked>(event.body) && std::get<OomInvoked>(event.body).head.sysrq;
  if (std::holds_alternative<OomKill>(event.body)) {
    if (event.time_s) last_kill_s_ = *event.time_s;
    last_kill_line_ = event.line;
    const bool asked = sysrq_f_s_ && event.time_s && *event.time_s - *sysrq_f_s_ < 60;
    if (event.time_s && !asked) kills_.push_back({*event.time_s, true});
    if (kills_.size() > max_kills) {
      forgotten_kill_s_ = kills_.front().time_s;
      kills_.erase(kills_.begin());
      ++left_out_[Part::followed_kills];
    }
  } else if (!sysrq) {
    return;
  }
  if (!stall_.active || !event.time_s) return;
  // What the operator asked for keeps its name when the kill line follows it.
  if (ending_ && ending_->by == HangEnd::sysrq_f && *event.time_s - ending_->time < 5) return;
  const bool asked = sysrq || (sysrq_f_s_ && *event.time_s - *sysrq_f_s_ < 60);
  ending_ = Ending{*event.time_s, asked ? HangEnd::sysrq_f : HangEnd::kill, event.line, stalling_};
}

void HangTracker::damage(const Damage& damage) {
  if (damage.kind == Damage::Kind::elided || damage.kind == Damage::Kind::dropped) {
    rhythm_.reset();
    for (Open* open : {&stall_, &lockup_, &task_}) {
      open->elided = true;
      if (open->active) open->hang.uncertain = true;
    }
  }
  if (damage.kind == Damage::Kind::elided || damage.kind == Damage::Kind::truncated) elided_ = true;
}

void HangTracker::on(const Event& event, const EventSink& sink) {
  last_line_ = std::max(last_line_, event.line);
  if (const auto* boot = std::get_if<BootStarted>(&event.body)) {
    if (!boot->same_boot || boot->banner) boot_line_ = event.line;
    from_start_ = from_start_ || boot->banner;
  } else if (std::holds_alternative<InitStarted>(event.body)) {
    if (!init_) rhythm_.reset();
    init_ = true;
  } else if (const auto* report = std::get_if<MemAlloc>(&event.body)) {
    if (oopsed_.empty()) {
      memalloc(*report, sink);
    } else {
      memalloc(without_oopsed(*report), sink);
    }
  } else if (const auto* trouble = std::get_if<AllocTrouble>(&event.body)) {
    alloc_stall(*trouble, sink);
  } else if (const auto* lock = std::get_if<Lockup>(&event.body)) {
    lockup(*lock, sink);
  } else if (const auto* hung = std::get_if<HungTask>(&event.body)) {
    hung_task(*hung);
  } else if (const auto* suppressed = std::get_if<Suppressed>(&event.body)) {
    if (suppressed->reports == ReportKind::hung_task) task_.suppressed = true;
  } else if (const auto* task = std::get_if<TaskStack>(&event.body)) {
    note_oopsed(*task);
    stack(*task);
  } else if (std::holds_alternative<OomKill>(event.body) || std::holds_alternative<OomInvoked>(event.body)) {
    init_ = true;  // a program allocates in user space
    kill(event);
  } else if (const auto* sysrq = std::get_if<SysRq>(&event.body)) {
    if (sysrq->key == 'f' && sysrq->time_s) sysrq_f_s_ = sysrq->time_s;
    rhythm_.reset();
  } else if (const auto* hurt = std::get_if<Damage>(&event.body)) {
    damage(*hurt);
  } else if (std::holds_alternative<Panic>(event.body)) {
    panicked_ = true;
  } else if (std::holds_alternative<Crash>(event.body)) {
    crashed_ = true;
  }
  schedule();
}

void HangTracker::close(Open& open, Seconds end, HangEnd by, const EventSink& sink) {
  if (!open.active) return;
  open.active = false;
  Hang hang = std::move(open.hang);
  open.hang = Hang{};
  hang.end_s = end;
  hang.ended_by = by;
  set_cause(hang, end.value_or(seconds(last_us_)));
  if (hang.start_s && end) hang.duration_s = std::max(0.0, *end - *hang.start_s);
  const auto line = hang.lines.empty() ? last_line_ : hang.lines.back();
  std::sort(hang.lines.begin(), hang.lines.end());
  sink(Event{line, end, std::move(hang)});
}

void HangTracker::censor(Open& open, const EventSink& sink) {
  if (!open.active) return;
  open.active = false;
  Hang hang = std::move(open.hang);
  open.hang = Hang{};
  hang.censored = true;
  hang.ended_by = HangEnd::end;
  const double until_s = open.suppressed ? open.last : seconds(last_us_);
  set_cause(hang, until_s);
  if (hang.start_s && last_us_ >= 0) hang.duration_s = std::max(0.0, until_s - *hang.start_s);
  std::sort(hang.lines.begin(), hang.lines.end());
  const auto line = hang.lines.empty() ? last_line_ : hang.lines.back();
  sink(Event{line, std::nullopt, std::move(hang)});
}

// When the next report would be overdue: three of its periods after the last one.
void HangTracker::schedule() {
  double due = -1;
  for (const Open* open : {&stall_, &lockup_, &task_}) {
    if (!open->active || open->elided || open->last < 0) continue;
    const double at = open->last + 3 * open->period + 5;
    if (due < 0 || at < due) due = at;
  }
  due_us_ = due < 0 ? INT64_MAX : microseconds(due);
}

void HangTracker::expire(const EventSink& sink) {
  const double now = seconds(last_us_);
  for (Open* open : {&stall_, &lockup_, &task_}) {
    if (!open->active || open->elided || open->last < 0 || now < open->last + 3 * open->period + 5) continue;
    if (open->suppressed) {
      censor(*open, sink);
      continue;
    }
    const bool known = open == &stall_ && ending_;
    const double end = known ? std::max(ending_->time, open->last) : open->last;
    close(*open, end, known ? ending_->by : HangEnd::recovery, sink);
  }
  schedule();
}

void HangTracker::silence(const EventSink& sink) {
  if (stall_.active || lockup_.active || task_.active || !init_) return;
  Hang hang;
  hang.kind = HangKind::silent;
  hang.start_s = seconds(rhythm_.gap_start_us());
  hang.end_s = seconds(rhythm_.gap_end_us());
  hang.duration_s = *hang.end_s - *hang.start_s;
  hang.ended_by = HangEnd::recovery;
  hang.lines = {rhythm_.line_before(), rhythm_.line_after()};
  sink(Event{rhythm_.line_after(), hang.end_s, std::move(hang)});
}

void HangTracker::finish(bool complete, const EventSink& sink) {
  if (ending_ && stall_.active && last_us_ >= 0 && seconds(last_us_) > ending_->time + 3 * stall_.period) {
    cite(stall_.hang, ending_->line);
    close(stall_, ending_->time, ending_->by, sink);
  }
  censor(stall_, sink);
  censor(lockup_, sink);
  censor(task_, sink);
  // A log that ends early may be cut. The kernel's own pause shows that the boot did not go on.
  const bool paused = longest_gap_us_ >= least_pause_us;
  if (from_start_ && !init_ && !panicked_ && !crashed_ && !elided_ && complete && paused) {
    Hang hang;
    hang.kind = HangKind::boot;
    hang.start_s = seconds(first_us_);
    hang.duration_s = seconds(last_us_ - first_us_);
    hang.censored = true;
    hang.ended_by = HangEnd::end;
    hang.lines = {boot_line_, last_line_};
    sink(Event{last_line_, std::nullopt, std::move(hang)});
  }
  report_left_out(left_out_, last_line_, sink);
  *this = HangTracker{};
}

}  // namespace hangar::log
