// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/stall.h"

#include <algorithm>

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr int max_lines = 400;  // stacks of all CPUs come before the last lines
constexpr std::size_t max_items = 256;
constexpr std::int64_t report_us = 20'000'000;

// `0-....: (20999 ticks this GP) idle=`, `1-...!: (1 GPs behind) idle=`: the CPU. Older kernels have fewer
// marks, or none.
bool cpu_line(std::string_view text, RcuStall& out) {
  constexpr std::size_t marks = 5;
  Scan scan(text);
  std::int64_t cpu = 0;
  std::string_view between;
  if (!scan.number(cpu, limits::cpu) || !scan.until(": (", between) || between.size() > marks) return false;
  if (!contains(scan.rest(), "idle=")) return false;
  out.cpus.push_back(static_cast<int>(cpu));
  return true;
}

// `0-...!`, ` 1` or `P41`: a CPU or a task.
void item(std::string_view word, RcuStall& out) {
  Scan scan(word);
  const bool task = scan.take("P");
  std::optional<std::int64_t> number;
  if (!scan.number(number, task ? limits::pid : limits::cpu) || !number) return;
  if (task) {
    out.pids.push_back(*number);
  } else {
    out.cpus.push_back(static_cast<int>(*number));
  }
}

// `stalls on CPUs/tasks: { 1-...! P41 } 21003 jiffies s: 9` of an expedited grace period, and the only line
// of a stall before 3.19: `stall on CPU { 1} (t=21003 jiffies ...)`.
bool one_line(std::string_view text, RcuStall& out) {
  Scan scan(text);
  std::string_view items;
  if (!contains(text, " stall") || !scan.skip_past("{") || !scan.until("}", items)) return false;
  Scan list(items);
  for (list.blanks(); !list.at_end() && out.cpus.size() + out.pids.size() < max_items; list.blanks())
    item(list.word(), out);
  scan.blanks();
  std::optional<std::int64_t> jiffies;
  if (scan.number(jiffies, limits::count) && scan.take(" jiffies")) {
    out.jiffies = jiffies;
  } else {
    out.jiffies = value_of(scan.rest(), "t=", limits::count);
  }
  return true;
}

// `Tasks blocked on level-0 rcu_node (CPUs 0-1): P123/1:b..l P7`
bool task_line(std::string_view text, RcuStall& out) {
  Scan scan(text);
  if (!scan.take("Tasks blocked on level-") || !scan.skip_past("):")) return false;
  for (scan.blanks(); !scan.at_end() && out.pids.size() < max_items; scan.blanks()) {
    if (const auto word = scan.word(); word.starts_with('P')) item(word, out);
  }
  return true;
}

std::optional<std::int64_t> behind(std::string_view text, std::string_view words) {
  return value_of(text, words, limits::count);
}

bool jiffies_line(std::string_view text, RcuStall& out) {
  if (text.starts_with("(t=") || text.starts_with("(detected by ")) out.jiffies = behind(text, "t=");
  out.starved_jiffies = behind(text, " kthread starved for ");
  out.timer_jiffies = behind(text, " kthread timer wakeup didn't happen for ");
  return out.jiffies || out.starved_jiffies || out.timer_jiffies;
}

// `CPU: 0 PID: 123 Comm: a Not tainted`, with UID before PID since 6.11.
std::optional<TaskId> running_task(std::string_view text, const std::vector<int>& cpus) {
  Scan scan(text);
  std::int64_t cpu = 0;
  std::optional<std::int64_t> pid;
  std::string_view comm;
  if (!scan.take("CPU: ") || !scan.number(cpu, limits::cpu)) return std::nullopt;
  if (std::find(cpus.begin(), cpus.end(), cpu) == cpus.end()) return std::nullopt;
  if (!scan.skip_past("PID: ") || !scan.number(pid, limits::pid) || !pid || !scan.take(" Comm: "))
    return std::nullopt;
  if (!scan.until(" Not tainted", comm) && !scan.until(" Tainted", comm)) return std::nullopt;
  return TaskId{std::string(comm.substr(0, limits::comm)), *pid};
}

// `12:do_work for 40s`, `13(RESCUER):do_work`, `bh-hi:do_work`
std::optional<BusyWork> work_of(std::string_view text) {
  Scan scan(text);
  BusyWork out;
  std::optional<std::int64_t> pid;
  if (scan.number(pid, limits::pid)) {
    out.pid = pid.value_or(-1);
    scan.take("(RESCUER)");
  } else if (!scan.take("bh-hi") && !scan.take("bh")) {
    return std::nullopt;
  }
  if (!scan.take(":")) return std::nullopt;
  out.function = scan.word().substr(0, limits::symbol);
  std::optional<std::int64_t> seconds;
  if (scan.take(" for ") && scan.number(seconds, limits::seconds) && seconds && scan.take("s"))
    out.running_s = static_cast<double>(*seconds);
  return out;
}

}  // namespace

std::optional<RcuStall> parse_rcu_detail(std::string_view text) {
  Scan scan(text);
  scan.take("rcu:");
  scan.blanks();
  RcuStall out;
  const auto rest = scan.rest();
  if (one_line(rest, out) || cpu_line(rest, out) || task_line(rest, out) || jiffies_line(rest, out))
    return out;
  return std::nullopt;
}

std::vector<BusyWork> parse_in_flight(std::string_view text) {
  Scan scan(text);
  std::vector<BusyWork> out;
  scan.blanks();
  if (!scan.take("in-flight:")) return out;
  while (!scan.at_end() && out.size() < max_items) {
    scan.blanks();
    std::string_view one;
    if (!scan.until(",", one)) one = scan.cut(scan.rest().size());
    if (auto work = work_of(one)) out.push_back(std::move(*work));
  }
  return out;
}

std::optional<std::string_view> parse_workqueue(std::string_view text) {
  Scan scan(text);
  std::string_view name;
  if (!scan.take("workqueue ") || !scan.until(": flags=", name)) return std::nullopt;
  return name.substr(0, limits::word);
}

void StallDetailParser::begin(const Lockup& report) {
  *this = StallDetailParser{};
  if (report.kind == LockupKind::soft) return;
  kind_ = report.kind;
  if (report.cpu) cpus_.push_back(*report.cpu);
  if (report.time_s) begun_us_ = static_cast<std::int64_t>(*report.time_s * 1e6);
}

bool StallDetailParser::workqueue(std::string_view text, LockupDetail& out) {
  if (const auto name = parse_workqueue(text)) workqueue_ = *name;
  out.works = parse_in_flight(text);
  for (BusyWork& work : out.works) work.workqueue = workqueue_;
  return !out.works.empty();
}

// The task, of a CPU that is stuck.
bool StallDetailParser::cpu(std::string_view text, LockupDetail& out) {
  if (*kind_ == LockupKind::rcu) {
    if (auto stall = parse_rcu_detail(text)) {
      out.rcu = std::move(*stall);
      if (cpus_.size() < max_items) cpus_.insert(cpus_.end(), out.rcu.cpus.begin(), out.rcu.cpus.end());
      return true;
    }
  }
  out.task = running_task(text, cpus_);
  return out.task.has_value();
}

void StallDetailParser::feed(const Record& record, const EventSink& sink) {
  if (!kind_) return;
  const bool late = begun_us_ >= 0 && record.time_us > begun_us_ + report_us;
  if (late || ++lines_ > max_lines) return finish();
  LockupDetail detail;
  const bool found =
      *kind_ == LockupKind::workqueue ? workqueue(record.text, detail) : cpu(record.text, detail);
  if (found) sink(Event{record.line, record.time_s(), std::move(detail)});
}

}  // namespace hangar::log
