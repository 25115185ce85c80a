// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/hung.h"

#include <algorithm>

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_series = 4096;

// `a b:12`: the name of a task may hold colons.
std::optional<TaskId> task_of(std::string_view who) {
  const auto colon = who.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::optional<std::int64_t> pid;
  if (!Scan(who.substr(colon + 1)).number(pid, limits::pid)) return std::nullopt;
  return TaskId{std::string(who.substr(0, std::min(colon, limits::comm))), pid.value_or(-1)};
}

// `a:12 <reader>`: cuts the role off.
std::string take_role(std::string_view& who) {
  for (const std::string_view role : {"reader", "writer"}) {
    const auto text = " <" + std::string(role) + ">";
    if (!who.ends_with(text)) continue;
    who.remove_suffix(text.size());
    return std::string(role);
  }
  return {};
}

bool take_lock(Scan& scan, LockType& lock) {
  if (scan.take("a mutex")) {
    lock = LockType::mutex;
  } else if (scan.take("a semaphore")) {
    lock = LockType::semaphore;
  } else if (scan.take("an rw-semaphore")) {
    lock = LockType::rw_semaphore;
  } else {
    return false;
  }
  return true;
}

bool take_owner(Scan& scan, Blocker& out) {
  if (scan.take(", but the owner is not found") || scan.take(", but the last holder is not found"))
    return true;
  if (!scan.take(" likely owned by task ") && !scan.take(" likely last held by task ")) return false;
  auto who = trim_right(scan.rest());
  if (who.ends_with('.')) who.remove_suffix(1);
  out.owned_as = take_role(who);
  out.owner = task_of(who);
  return out.owner.has_value();
}

}  // namespace

std::optional<HungTask> parse_hung_task(std::string_view text) {
  Scan scan(text);
  std::string_view who;
  std::optional<std::int64_t> seconds;
  if (!scan.skip_past("INFO: task ") || !scan.until(" blocked ", who)) return std::nullopt;
  scan.take("in I/O wait ");  // 6.13
  if (!scan.take("for more than ") || !scan.number(seconds, limits::seconds) || !scan.take(" second"))
    return std::nullopt;
  const auto task = task_of(who);
  if (!task) return std::nullopt;
  HungTask out;
  out.comm = task->comm;
  out.pid = task->pid;
  if (seconds) out.blocked_s = static_cast<double>(*seconds);
  return out;
}

std::optional<HungTaskBlocker> parse_blocker(std::string_view text) {
  Scan scan(text);
  std::string_view who;
  HungTaskBlocker out;
  if (!scan.skip_past("INFO: task ") || !scan.until(" blocked on ", who)) return std::nullopt;
  if (!take_lock(scan, out.blocker.lock) || !take_owner(scan, out.blocker)) return std::nullopt;
  if (who.ends_with(" is")) who.remove_suffix(3);
  out.blocker.waits_as = take_role(who);
  const auto task = task_of(who);
  if (!task) return std::nullopt;
  out.comm = task->comm;
  out.pid = task->pid;
  return out;
}

void HungTaskPeriods::kernel(std::string_view release) {
  Scan scan(release);
  std::int64_t major = 0;
  std::int64_t minor = 0;
  if (!scan.number(major, limits::count_32) || !scan.take(".") || !scan.number(minor, limits::count_32))
    return;
  constexpr std::int64_t first_major = 4;
  constexpr std::int64_t first_minor = 19;
  constant_ = major < first_major || (major == first_major && minor < first_minor);
}

void HungTaskPeriods::add_up(HungTask& report) {
  // The next check comes a period later. Behind a second period there was one that did not report the task.
  constexpr double early_s = 1;  // stamps of coarse clocks
  constexpr double late_s = 3;   // where a later kernel might print the same number by chance
  if (!report.blocked_s || !report.time_s || report.pid < 0 || (constant_ && !*constant_)) return;
  const double printed_s = *report.blocked_s;
  if (series_.size() >= max_series) series_.clear();
  Series& series = series_[{report.pid, report.comm}];
  const double passed_s = *report.time_s - series.time_s;
  const double most_s = constant_ ? 2 * printed_s - early_s : printed_s + late_s;
  const bool goes_on = series.printed_s == printed_s && passed_s >= printed_s - early_s && passed_s <= most_s;
  series = {printed_s, goes_on ? series.blocked_s + printed_s : printed_s, *report.time_s};
  report.blocked_s = series.blocked_s;
}

}  // namespace hangar::log
