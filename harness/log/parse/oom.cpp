// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/oom.h"

#include <algorithm>

#include "harness/log/parse/oom_fields.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_tasks = 65536;
constexpr std::size_t max_zones = 4096;
constexpr std::size_t max_reaped = 4096;
constexpr std::size_t max_pins = 64;
constexpr std::size_t max_recent = 64;
constexpr int max_misses = 128;  // the stack of the invoker, with guesses

template <typename T>
void add(std::vector<T>& list, T&& one, std::size_t most, std::uint64_t& left_out) {
  if (list.size() < most) {
    list.push_back(std::forward<T>(one));
  } else {
    ++left_out;
  }
}

}  // namespace

OomEpisode& OomParser::episode(const Record& record, const EventSink& sink) {
  if (!episode_) {  // the dump was left out (ratelimited, elided): this line replaces it
    episode_.emplace();
    episode_->line = record.line;
    episode_->time_s = record.time_s();
    sink(Event{record.line, record.time_s(), OomInvoked{*episode_}});
  }
  if (record.time_us >= 0) last_us_ = record.time_us;
  episode_->last_line = std::max(episode_->last_line, record.line);
  return *episode_;
}

bool OomParser::invoked(const Record& record, const EventSink& sink) {
  OomEpisode head;
  if (!parse_invoked(record.text, head)) return false;
  finish(sink);
  head.line = record.line;
  head.time_s = record.time_s();
  episode_ = std::move(head);
  last_us_ = record.time_us;
  in_dump_ = true;
  misses_ = 0;
  report_.reset();
  sink(Event{record.line, record.time_s(), OomInvoked{*episode_}});
  return true;
}

bool OomParser::table_header(const Record& record, const EventSink& sink) {
  auto columns = parse_table_header(record.text);
  if (columns.empty()) return false;
  // A second table without a first line: the episode before is over, its successor's head was lost.
  if (episode_ && (!episode_->kills.empty() || !episode_->tasks.empty())) finish(sink);
  episode(record, sink).report.has_table = true;
  columns_ = std::move(columns);
  in_dump_ = in_table_ = true;
  misses_ = 0;
  return true;
}

bool OomParser::table_row(std::string_view text) {
  OomTask task;
  if (!parse_table_row(text, columns_, task)) return false;
  if (!episode_) return true;
  if (episode_->tasks.size() < max_tasks) {
    episode_->tasks.push_back(std::move(task));
  } else {  // nothing follows from a task that is not in the table
    ++left_out_[Part::oom_tasks];
    episode_->uncertain = true;
  }
  return true;
}

bool OomParser::zone_line(const Record& record) {
  OomZone zone;
  if (!episode_ || !parse_zone(record.text, zone)) return false;
  zone.line = record.line;
  parse_zone_use(record.text, zone);
  add(episode_->zones, std::move(zone), max_zones, left_out_[Part::zones]);
  return true;
}

bool OomParser::report_line(const Record& record) {
  if (!episode_) return false;
  if (report_.feed(record.text, record.line, *episode_)) return true;
  // Behind the first line, before the stack.
  return misses_ < 3 && !episode_->cpuset && parse_cpuset(record.text, *episode_);
}

void OomParser::emit_kill(OomKill kill, const Record& record, const EventSink& sink) {
  auto& open = episode(record, sink);
  kill.line = record.line;
  kill.time_s = record.time_s();
  if (memcg_) kill.memcg = true;
  if (chosen_) {
    kill.score = score_;
    const bool both_known = chosen_->pid >= 0 && kill.pid >= 0;
    if (both_known && chosen_->pid != kill.pid) kill.instead_of = chosen_;
  }
  add(open.kills, OomKill(kill), max_tasks, left_out_[Part::kills]);
  if (recent_.size() >= max_recent) recent_.erase(recent_.begin());
  recent_.push_back(kill);
  chosen_.reset();
  score_.reset();
  in_dump_ = in_table_ = false;
  sink(Event{record.line, record.time_s(), std::move(kill)});
}

// `Killed process 3418 (a.out) total-vm:4324kB, ...`, alone (until 5.0) or behind `Out of memory: `.
bool OomParser::kill_line(const Record& record, const EventSink& sink) {
  OomKill kill;
  std::string_view before;
  if (!parse_kill(record.text, kill, before)) return false;
  if (!before.empty() && !contains(before, "ut of memory")) return false;
  if (contains(before, "emory cgroup")) memcg_ = true;
  const bool allocating = contains(before, "oom_kill_allocating_task");
  // Without a dump (print ratelimited) each kill line is a separate episode, unless it shares the victim's
  // mm.
  if (episode_ && !episode_->kills.empty() && !chosen_ && !before.empty() && !in_dump_) {
    const bool group = (episode_->memcg || group_) && memcg_;
    if (!group) finish(sink);
    memcg_ = contains(before, "emory cgroup");
  }
  emit_kill(std::move(kill), record, sink);
  episode_->allocating_task = episode_->allocating_task || allocating;
  return true;
}

void OomParser::note_choice(const std::optional<TaskId>& victim, const Record& record,
                            const EventSink& sink) {
  auto& open = episode(record, sink);
  if (!victim || open.chosen) return;
  open.chosen = victim;
  open.chosen_line = record.line;
}

// The lines between the table and the kill: the chosen task, the constraint, or that no task can be killed.
bool OomParser::verdict_line(const Record& record, const EventSink& sink) {
  const auto text = record.text;
  if (text.starts_with("oom-kill:constraint=")) {
    parse_constraint(text, episode(record, sink));
    memcg_ = contains(text, "oom_memcg=");
    note_choice(parse_chosen_victim(text), record, sink);
    return true;
  }
  if (TaskId task; parse_chosen(text, task, score_)) {
    if (episode_ && !episode_->kills.empty() && !in_dump_) finish(sink);
    memcg_ = text.starts_with("Memory cgroup");
    note_choice(task, record, sink);
    episode_->allocating_task = contains(text, "oom_kill_allocating_task");
    chosen_ = std::move(task);
    return true;
  }
  // Since 5.9: the victim lost its mm in the meantime, and nothing is killed.
  if (episode_ && contains(text, "is already exiting. Skip killing the task")) {
    episode_->kill_line_known = true;
    episode_->already_exiting = true;
    return true;
  }
  if (episode_ && text.starts_with("Tasks in ") && contains(text, "memory.oom.group")) {  // since 4.19
    group_ = true;
    episode_->oom_group = text.substr(9, std::min(text.rfind(" are going to be killed") - 9, limits::path));
    return true;
  }
  if (contains(text, "no killable processes")) {
    episode(record, sink).no_killable = true;
    if (text.starts_with("Kernel panic")) episode_->panicked = true;
    return true;
  }
  if (text.starts_with("Kernel panic - not syncing: Out of memory: ") ||
      text.starts_with("Kernel panic - not syncing: out of memory")) {  // before 3.0
    episode(record, sink).panicked = true;
    return true;
  }
  if (text.starts_with("Task in ") && contains(text, " killed as a result of limit of ")) {
    auto& open = episode(record, sink);
    parse_task_in(text, open);
    memcg_ = true;
    return true;
  }
  return false;
}

bool OomParser::reaper_line(const Record& record, const EventSink& sink) {
  OomReap reap;
  if (!parse_reaper(record.text, reap)) return false;
  reap.line = record.line;
  reap.time_s = record.time_s();
  for (auto kill = recent_.rbegin(); kill != recent_.rend(); ++kill) {
    if (reap.pid < 0 || kill->pid != reap.pid) continue;
    if (kill->time_s && reap.time_s) reap.after_kill_s = *reap.time_s - *kill->time_s;
    break;
  }
  auto& open = episode(record, sink);
  add(open.reaped, OomReap(reap), max_reaped, left_out_[Part::reaped]);
  sink(Event{record.line, record.time_s(), std::move(reap)});
  return true;
}

// Other tasks that share the victim's mm.
bool OomParser::mm_line(const Record& record, const EventSink& sink) {
  MmPin pin;
  TaskId sharer;
  if (parse_sharer(record.text, sharer)) {
    auto& open = episode(record, sink);
    if (open.sharers.size() < max_pins) open.sharers.push_back(std::move(sharer));
    return true;
  }
  if (!parse_pin(record.text, pin)) return false;
  pin.line = record.line;
  auto& open = episode(record, sink);
  if (open.pins.size() < max_pins) open.pins.push_back(std::move(pin));
  return true;
}

bool OomParser::dump_line(const Record& record, bool hot) {
  if (!in_dump_) return false;
  if (record.time_us >= 0) last_us_ = record.time_us;
  if (episode_) episode_->last_line = record.line;
  if (half_line_) return false;
  if (episode_) parse_memcg_usage(record.text, *episode_);
  if ((in_table_ && table_row(record.text)) || zone_line(record) || report_line(record)) {
    misses_ = 0;
    return true;
  }
  if (hot && episode_ && episode_->invoker && episode_->invoker->pid < 0) {
    if (const auto pid = invoker_pid(record.text, episode_->invoker->comm)) {
      episode_->invoker->pid = *pid;
      return true;
    }
  }
  if (is_meminfo(record.text)) {
    misses_ = 0;
    return true;
  }
  if (++misses_ > max_misses) in_dump_ = in_table_ = false;
  return false;
}

bool OomParser::goes_on(const Record& record) {
  if (!in_table_ || record.text.empty() || record.text.front() != '[' || !table_row(record.text))
    return false;
  if (record.time_us >= 0) last_us_ = record.time_us;
  misses_ = 0;
  return true;
}

bool OomParser::feed(const Record& record, bool hot, const EventSink& sink) {
  const auto text = record.text;
  if (text.empty()) return false;
  // In a dump nearly every line is a row: they go first.
  if (goes_on(record)) return true;
  if (hot && (invoked(record, sink) || reaper_line(record, sink) || kill_line(record, sink) ||
              mm_line(record, sink) || verdict_line(record, sink))) {
    return true;
  }
  if (hot && text.front() == '[' && table_header(record, sink)) return true;
  return dump_line(record, hot);
}

void OomParser::finish(const EventSink& sink) {
  if (!episode_) return;
  OomEpisode done = std::move(*episode_);
  episode_.reset();
  if (done.invoker && done.invoker->comm.empty()) done.invoker.reset();
  if (done.chosen && !done.kill_line_known) done.kill_line_known = !done.kills.empty();
  const auto line = done.line;
  const auto time_s = done.time_s;
  columns_.clear();
  chosen_.reset();
  score_.reset();
  memcg_ = group_ = in_dump_ = in_table_ = false;
  last_us_ = -1;
  sink(Event{line, time_s, std::move(done)});
  report_left_out(left_out_, line, sink);
}

}  // namespace hangar::log
