// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/blocked.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/log/infer/waiting.h"

namespace hangar::outcome {
namespace {

constexpr double next_report_s = 1;  // the report of a hang may be printed as it ends

BlockedTask task_of(const log::TaskStack& stack, const Timeline& timeline) {
  BlockedTask task;
  task.comm = stack.comm;
  task.pid = stack.pid;
  task.where = log::waits_in(stack);
  task.for_memory = log::waits_for_memory(stack);
  task.seen_s = timeline.host_s(stack.line);
  task.stack = &stack;
  return task;
}

using Stacks = std::vector<log::TaskStack>;

// The stack that a hung-task report prints follows it within a few lines.
const log::TaskStack* stack_behind(const Stacks& stacks, const log::HungTask& report) {
  constexpr std::uint64_t most_lines = 12;
  for (auto at = first_behind(stacks, report.line); at != stacks.end(); ++at) {
    if (at->line > report.line + most_lines) break;
    if (at->pid == report.pid) return &*at;
  }
  return nullptr;
}

std::vector<std::pair<double, BlockedTask>> reported_in(const log::Boot& boot, const Timeline& timeline) {
  std::vector<std::pair<double, BlockedTask>> reported;
  for (const log::HungTask& report : boot.hung_tasks) {
    const log::TaskStack* stack = stack_behind(boot.tasks, report);
    if (stack == nullptr) continue;
    const double at = timeline.host_s(report.line);
    BlockedTask task = task_of(*stack, timeline);
    task.comm = report.comm;  // whole: the stack's header cuts it
    if (report.blocked_s) task.since_s = at - *report.blocked_s;
    task.report_line = report.line;
    if (report.blocker) task.blocker = &*report.blocker;
    reported.emplace_back(at, std::move(task));
  }
  return reported;
}

// The blocked tasks between two lines.
std::vector<BlockedTask> dumped_between(const Stacks& stacks, std::uint64_t line, std::uint64_t end,
                                        const Timeline& timeline) {
  std::vector<BlockedTask> tasks;
  for (auto at = first_behind(stacks, line); at != stacks.end() && at->line < end; ++at) {
    if (at->state == "D" && at->pid > 0) tasks.push_back(task_of(*at, timeline));
  }
  return tasks;
}

std::string in_words(const BlockedTask& task) {
  std::string text = fmt::format("{} ({}) blocked", task.comm, task.pid);
  if (!task.where.empty()) text += " in " + task.where;
  if (task.blocker != nullptr && task.blocker->owner) {
    const log::TaskId& owner = *task.blocker->owner;
    text += fmt::format(" by {} ({}), which likely holds the {},", owner.comm, owner.pid,
                        to_string(task.blocker->lock));
  }
  return text + (task.since_s ? fmt::format(" since {:.1f} s or earlier", *task.since_s)
                              : fmt::format(" at {:.1f} s", task.seen_s));
}

}  // namespace

BlockedTasks::BlockedTasks(const log::LogFacts& facts, const Timeline& timeline) {
  for (const log::Boot& from : facts.boots) {
    Boot& boot = boots_.emplace_back();
    boot.reported = reported_in(from, timeline);
    for (std::size_t i = 0; i < from.sysrq.size(); ++i) {
      const log::SysRq& key = from.sysrq[i];
      if (!dumps_stacks(key)) continue;
      const std::uint64_t end = i + 1 < from.sysrq.size() ? from.sysrq[i + 1].line : UINT64_MAX;
      auto tasks = dumped_between(from.tasks, key.line, end, timeline);
      if (!tasks.empty()) boot.dumps.push_back({timeline.host_s(key.line), std::move(tasks)});
    }
  }
}

std::vector<BlockedTask> BlockedTasks::within(double from_s, double to_s) const {
  std::vector<BlockedTask> tasks;
  std::set<std::int64_t> known;
  const auto add = [&](const BlockedTask& task) {
    if (known.insert(task.pid).second) tasks.push_back(task);
  };
  for (const Boot& boot : boots_) {
    auto report = std::partition_point(boot.reported.begin(), boot.reported.end(),
                                       [from_s](const auto& one) { return one.first < from_s; });
    for (; report != boot.reported.end() && report->first <= to_s + next_report_s; ++report)
      add(report->second);
    const auto dump = std::partition_point(boot.dumps.begin(), boot.dumps.end(),
                                           [from_s](const Dump& one) { return one.time_s < from_s; });
    if (dump != boot.dumps.end() && dump->time_s <= to_s + next_report_s)
      std::for_each(dump->tasks.begin(), dump->tasks.end(), add);
  }
  return tasks;
}

bool dumps_stacks(const log::SysRq& key) {
  return key.key == 'w' || key.key == 't';
}

bool is_kernel_worker(const BlockedTask& task) {
  constexpr std::array<std::string_view, 5> workers = {"kswapd", "kworker", "kcompactd", "khugepaged",
                                                       "ksmd"};
  return std::any_of(workers.begin(), workers.end(),
                     [&](std::string_view name) { return task.comm.starts_with(name); });
}

std::string common_function(const std::vector<BlockedTask>& tasks) {
  const bool memory =
      std::any_of(tasks.begin(), tasks.end(), [](const auto& task) { return task.for_memory; });
  std::map<std::string, int> counts;
  std::string most;
  for (const BlockedTask& task : tasks) {
    if (task.where.empty() || (memory && !task.for_memory)) continue;
    const int count = ++counts[task.where];
    if (most.empty() || count > counts[most]) most = task.where;
  }
  return most;
}

std::string describe(const std::vector<BlockedTask>& tasks) {
  constexpr std::size_t few = 3;
  std::string text;
  if (tasks.size() <= few) {
    for (const BlockedTask& task : tasks) text += (text.empty() ? "" : ", ") + in_words(task);
    return text;
  }
  const std::string where = common_function(tasks);
  const auto there =
      std::count_if(tasks.begin(), tasks.end(), [&](const auto& task) { return task.where == where; });
  text = fmt::format("{} tasks blocked", tasks.size());
  if (!where.empty()) text += fmt::format(", {} of them in {}", there, where);
  return text;
}

std::vector<verdict::CitedLine> cite_stack(const BlockedTask& task, const Timeline& timeline) {
  constexpr std::size_t most_frames = 6;
  constexpr std::uint64_t most_lines = 256;
  std::vector<verdict::CitedLine> lines = {
      timeline.cite(task.report_line > 0 ? task.report_line : task.stack->line)};
  const std::uint64_t last_line = std::min(task.stack->last_line, task.stack->line + most_lines);
  for (std::uint64_t line = task.stack->line + 1; line <= last_line; ++line) {
    verdict::CitedLine cited = timeline.cite(line);
    const std::string& text = cited.text;
    const bool frame = text.find("+0x") != std::string::npos && text.find(" ? ") == std::string::npos;
    const bool sleeps =
        text.find(" __schedule+") != std::string::npos || text.find(" schedule+") != std::string::npos;
    if (!frame || sleeps) continue;
    lines.push_back(std::move(cited));
    if (lines.size() > most_frames) break;
  }
  return lines;
}

}  // namespace hangar::outcome
