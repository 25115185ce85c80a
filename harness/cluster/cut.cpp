// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/cut.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

namespace hangar::cluster {
namespace {

double work_of(const Runs& runs) {
  return std::accumulate(runs.begin(), runs.end(), 0.0,
                         [](double sum, const Wanted& run) { return sum + run.expected_s; });
}

using Needs = std::tuple<int, std::uint64_t, bool>;

// Of a task, whose runs all have the same.
Needs needs_of(const Runs& task) {
  return {task.front().cpus, task.front().memory_bytes, task.front().exclusive};
}

// A round ends where a cell comes again.
std::vector<Runs> rounds_of(const Runs& runs) {
  std::vector<Runs> rounds;
  std::set<int> cells;
  for (const Wanted& run : runs) {
    const bool again = !cells.insert(run.key.cell).second;
    if (again || rounds.empty()) {
      rounds.emplace_back();
      cells = {run.key.cell};
    }
    rounds.back().push_back(run);
  }
  return rounds;
}

std::vector<Runs> cut_alike(const Runs& runs, const Cutting& cutting) {
  const double work_s = work_of_task(runs, cutting);
  std::vector<Runs> tasks;
  double held_s = work_s;
  for (const Runs& round : rounds_of(runs)) {
    const double round_s = work_of(round);
    // At most half a round more or less than wanted.
    if (held_s + round_s / 2 >= work_s) {
      tasks.emplace_back();
      held_s = 0;
    }
    tasks.back().insert(tasks.back().end(), round.begin(), round.end());
    held_s += round_s;
  }
  return tasks;
}

}  // namespace

double work_of_task(const Runs& runs, const Cutting& cutting) {
  constexpr double minute_s = 60;
  const double slots = std::max(1, cutting.slots);
  const double seldom_s = std::max(cutting.task_s, minute_s * slots / cutting.starts_per_minute);
  // So few tasks may all start within a minute.
  const double few = std::max(1.0, std::min(slots, std::floor(cutting.starts_per_minute)));
  return std::min(seldom_s, work_of(runs) / few);
}

std::vector<Runs> cut(const Runs& runs, const Cutting& cutting) {
  std::map<Needs, Runs> alike;
  for (const Wanted& run : runs) alike[needs_of({run})].push_back(run);
  std::vector<Runs> tasks;
  for (const auto& [needs, own] : alike) {
    auto some = cut_alike(own, cutting);
    tasks.insert(tasks.end(), some.begin(), some.end());
  }
  return tasks;
}

int array_length(const std::vector<Runs>& tasks, int room, int max_array_size) {
  const auto most = static_cast<std::size_t>(std::max(0, std::min(room, max_array_size)));
  std::size_t length = 0;
  while (length < std::min(most, tasks.size()) && needs_of(tasks[length]) == needs_of(tasks.front()))
    ++length;
  return static_cast<int>(length);
}

}  // namespace hangar::cluster
