// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/ledger.h"

#include <algorithm>

#include <fmt/format.h>

namespace hangar::cluster {

int Ledger::add_task(const Job& job, std::vector<RunKey> runs) {
  const int number = next_task();
  for (const RunKey& key : runs) {
    const auto [run, added] = runs_.try_emplace(key);
    run->second.task = number;
    run->second.waits = false;
    if (added) ++open_;
  }
  tasks_.push_back({job, std::move(runs)});
  return number;
}

bool Ledger::completed(const RunKey& key) {
  const auto run = runs_.find(key);
  if (run == runs_.end() || run->second.done) return false;
  run->second.done = true;
  --open_;
  return true;
}

void Ledger::started(const RunKey& key, int times) {
  if (const auto run = runs_.find(key); run != runs_.end()) run->second.starts = times;
}

bool Ledger::is_open(const RunKey& key) const {
  const auto run = runs_.find(key);
  return run != runs_.end() && !run->second.done;
}

const std::vector<RunKey>& Ledger::runs_of(int task) const {
  return tasks_[static_cast<std::size_t>(task)].runs;
}

std::optional<int> Ledger::task_of(const Job& job) const {
  const auto found =
      std::find_if(tasks_.begin(), tasks_.end(), [&](const Task& task) { return task.job == job; });
  if (found == tasks_.end()) return std::nullopt;
  return static_cast<int>(found - tasks_.begin());
}

std::vector<Job> Ledger::open_jobs() const {
  std::vector<Job> jobs;
  for (const Task& task : tasks_) {
    if (!task.closed) jobs.push_back(task.job);
  }
  return jobs;
}

// Whether a run of the task waits for it. A run that is in a later task waits for that one.
bool Ledger::any_open(const Task& task, int number) const {
  return std::any_of(task.runs.begin(), task.runs.end(), [&](const RunKey& key) {
    const Run& run = runs_.at(key);
    return !run.done && run.task == number;
  });
}

void Ledger::note_state(Task& task, const Queue& queue, double now_s) const {
  const auto found = queue.find(task.job);
  if (found != queue.end()) {
    task.last = found->second.word;
    if (!found->second.node.empty()) task.last += " on " + found->second.node;
  }
  // A requeued task is in the queue again.
  const bool there = found != queue.end() && found->second.state != JobState::ended;
  if (there) {
    task.ended_s = -1;
  } else if (task.ended_s < 0) {
    task.ended_s = now_s;
  }
}

Ledger::Decisions Ledger::look(double now_s, const Queue& queue) {
  Decisions decisions;
  for (int number = 0; number < next_task(); ++number) {
    Task& task = tasks_[static_cast<std::size_t>(number)];
    if (task.closed) continue;
    if (!any_open(task, number)) {
      task.closed = true;
      continue;
    }
    note_state(task, queue, now_s);
    if (task.ended_s >= 0 && now_s - task.ended_s >= rules_.settle_s) close(number, decisions);
  }
  return decisions;
}

// The task has ended. Runs that it did not start are not blamed for that, unless it started none.
void Ledger::close(int number, Decisions& decisions) {
  Task& task = tasks_[static_cast<std::size_t>(number)];
  task.closed = true;
  const bool in_vain = std::all_of(task.runs.begin(), task.runs.end(), [&](const RunKey& key) {
    return !runs_.at(key).done && runs_.at(key).starts == 0;
  });
  const std::string last = task.last.empty() ? "" : fmt::format(" (last: {})", task.last);
  for (const RunKey& key : task.runs) {
    Run& run = runs_.at(key);
    if (run.done || run.task != number || run.waits) continue;
    if (in_vain) ++run.in_vain;
    const int times = std::max(run.starts, run.in_vain);
    if (times < rules_.most_starts) {
      run.waits = true;
      decisions.again.push_back(key);
      continue;
    }
    run.done = true;
    --open_;
    decisions.lost.push_back({key, number,
                              run.starts >= rules_.most_starts
                                  ? fmt::format("it was started {} times and never completed{}", times, last)
                                  : fmt::format("{} tasks ended before they started a run{}", times, last)});
  }
}

}  // namespace hangar::cluster
