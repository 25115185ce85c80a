// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/infer/blockers.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "harness/base/word.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_tasks = 4096;
constexpr std::size_t named = 12;  // tasks and lines of one group

using ByPid = std::map<std::int64_t, HungTaskBlocker>;

std::int64_t owner_of(const HungTaskBlocker& blocked) {
  return blocked.blocker.owner->pid;
}

// Where the chain of owners from a task ends: at one that waits for no lock, or in a cycle, named after its
// task with the least PID.
struct End {
  TaskId task;
  bool cycle = false;
};
using Ends = std::map<std::int64_t, End>;

std::vector<TaskId> cycle_through(const ByPid& by_pid, std::int64_t from) {
  std::vector<TaskId> tasks;
  std::int64_t pid = from;
  do {
    const HungTaskBlocker& blocked = by_pid.at(pid);
    tasks.push_back({blocked.comm, pid});
    pid = owner_of(blocked);
  } while (pid != from);
  const auto least = std::min_element(tasks.begin(), tasks.end(),
                                      [](const TaskId& a, const TaskId& b) { return a.pid < b.pid; });
  std::rotate(tasks.begin(), least, tasks.end());
  return tasks;
}

// Notes the end of each task on the way, so that no way is walked twice.
void follow(const ByPid& by_pid, std::int64_t from, Ends& ends) {
  std::vector<std::int64_t> way;
  std::set<std::int64_t> seen;
  std::int64_t pid = from;
  while (ends.count(pid) == 0 && by_pid.count(pid) > 0 && seen.insert(pid).second) {
    way.push_back(pid);
    pid = owner_of(by_pid.at(pid));
  }
  if (way.empty()) return;
  End end{*by_pid.at(way.back()).blocker.owner, false};
  if (const auto known = ends.find(pid); known != ends.end()) {
    end = known->second;
  } else if (seen.count(pid) > 0) {
    end = {cycle_through(by_pid, pid).front(), true};
  }
  for (const std::int64_t passed : way) ends.emplace(passed, end);
}

std::string with_article(LockType lock) {
  const std::string name = to_string(lock);
  return (lock == LockType::rw_semaphore ? "an " : "a ") + name;
}

BlockedGroup group_of(const ByPid& by_pid, const End& end, std::vector<const HungTaskBlocker*> members) {
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return a->blocker.line < b->blocker.line; });
  BlockedGroup out;
  out.owner = end.task;
  out.cycle = end.cycle;
  out.lock = members.front()->blocker.lock;
  if (end.cycle) out.waiters = cycle_through(by_pid, end.task.pid);
  for (const auto* one : members) {
    if (!end.cycle) out.waiters.push_back({one->comm, one->pid});
    if (out.lines.size() < named) out.lines.push_back(one->blocker.line);
  }
  return out;
}

}  // namespace

void BlockerGraph::add(const HungTaskBlocker& blocked) {
  if (blocked.pid < 0 || !blocked.blocker.owner || blocked.blocker.owner->pid < 0) return;
  if (by_pid_.size() < max_tasks || by_pid_.count(blocked.pid) > 0) by_pid_[blocked.pid] = blocked;
}

std::vector<BlockedGroup> BlockerGraph::groups() const {
  Ends ends;
  std::map<std::int64_t, std::vector<const HungTaskBlocker*>> members;
  for (const auto& [pid, blocked] : by_pid_) {
    follow(by_pid_, pid, ends);
    members[ends.at(pid).task.pid].push_back(&blocked);
  }
  std::vector<BlockedGroup> out;
  out.reserve(members.size());
  for (const auto& entry : members)
    out.push_back(group_of(by_pid_, ends.at(entry.second.front()->pid), entry.second));
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.lines < b.lines; });
  return out;
}

std::string list_tasks(const std::vector<TaskId>& tasks) {
  std::string out;
  for (std::size_t i = 0; i < tasks.size() && i < named; ++i)
    out += fmt::format("{}{} ({})", i == 0 ? "" : ", ", tasks[i].comm, tasks[i].pid);
  if (tasks.size() > named) out += fmt::format(" and {} more", tasks.size() - named);
  return out;
}

std::string describe(const BlockedGroup& group, const std::string& where) {
  if (group.cycle) {
    return fmt::format("Tasks wait for each other's locks, as far as the kernel knows the owners: {}.",
                       list_tasks(group.waiters));
  }
  const std::string in = where.empty() ? "" : fmt::format(", in {},", where);
  if (group.waiters.size() == 1) {
    return fmt::format("{} ({}){} likely holds {} that {} waits for.", group.owner.comm, group.owner.pid, in,
                       with_article(group.lock), list_tasks(group.waiters));
  }
  return fmt::format("{} ({}){} likely blocks {} tasks through locks: {}.", group.owner.comm, group.owner.pid,
                     in, group.waiters.size(), list_tasks(group.waiters));
}

}  // namespace hangar::log
