// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/blocked.h"

#include <algorithm>
#include <array>
#include <map>

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

bool knows(const std::vector<BlockedTask>& tasks, std::int64_t pid) {
  return std::any_of(tasks.begin(), tasks.end(), [&](const BlockedTask& task) { return task.pid == pid; });
}

// The stack that a hung-task report prints follows it within a few lines.
const log::TaskStack* stack_behind(const log::Boot& boot, const log::HungTask& report) {
  constexpr std::uint64_t most_lines = 12;
  for (const log::TaskStack& stack : boot.tasks) {
    if (stack.pid == report.pid && stack.line > report.line && stack.line <= report.line + most_lines)
      return &stack;
  }
  return nullptr;
}

struct Window {
  double from_s;
  double to_s;
  [[nodiscard]] bool has(double time_s) const { return time_s >= from_s && time_s <= to_s + next_report_s; }
};

void add_reported(const log::Boot& boot, const Timeline& timeline, const Window& window,
                  std::vector<BlockedTask>& tasks) {
  for (const log::HungTask& report : boot.hung_tasks) {
    const double at = timeline.host_s(report.line);
    const log::TaskStack* stack = stack_behind(boot, report);
    if (!window.has(at) || stack == nullptr || knows(tasks, report.pid)) continue;
    BlockedTask task = task_of(*stack, timeline);
    task.comm = report.comm;  // whole: the stack's header cuts it
    if (report.blocked_s) task.since_s = at - *report.blocked_s;
    task.report_line = report.line;
    tasks.push_back(std::move(task));
  }
}

// The blocked tasks of the first SysRq w or t in the window that shows any.
void add_dumped(const log::Boot& boot, const Timeline& timeline, const Window& window,
                std::vector<BlockedTask>& tasks) {
  for (std::size_t i = 0; i < boot.sysrq.size(); ++i) {
    const log::SysRq& key = boot.sysrq[i];
    if ((key.key != 'w' && key.key != 't') || !window.has(timeline.host_s(key.line))) continue;
    const std::uint64_t end = i + 1 < boot.sysrq.size() ? boot.sysrq[i + 1].line : UINT64_MAX;
    bool any = false;
    for (const log::TaskStack& stack : boot.tasks) {
      if (stack.line <= key.line || stack.line >= end || stack.state != "D" || stack.pid <= 0) continue;
      any = true;
      if (!knows(tasks, stack.pid)) tasks.push_back(task_of(stack, timeline));
    }
    if (any) return;
  }
}

std::string in_words(const BlockedTask& task) {
  std::string text = fmt::format("{} ({}) blocked", task.comm, task.pid);
  if (!task.where.empty()) text += " in " + task.where;
  return text + (task.since_s ? fmt::format(" since {:.1f} s or earlier", *task.since_s)
                              : fmt::format(" at {:.1f} s", task.seen_s));
}

}  // namespace

std::vector<BlockedTask> blocked_tasks(const log::LogFacts& facts, const Timeline& timeline, double from_s,
                                       double to_s) {
  std::vector<BlockedTask> tasks;
  for (const log::Boot& boot : facts.boots) {
    add_reported(boot, timeline, {from_s, to_s}, tasks);
    add_dumped(boot, timeline, {from_s, to_s}, tasks);
  }
  return tasks;
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
  std::vector<verdict::CitedLine> lines = {
      timeline.cite(task.report_line > 0 ? task.report_line : task.stack->line)};
  for (std::uint64_t line = task.stack->line + 1; line <= task.stack->last_line; ++line) {
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
