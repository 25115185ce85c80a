// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "harness/run/stop_rule.h"

// Which run comes next, and whether it fits beside those that run. Pure: no clock, no host, no thread; the
// caller reports the free memory and the end of runs.
namespace hangar::experiment {

// What one run takes of the host.
struct Needs {
  int cpus = 1;                    // vCPUs
  std::uint64_t memory_bytes = 0;  // of the guest and of QEMU itself
  bool exclusive = false;          // nothing runs beside it
};

struct ScheduledCell {
  Needs needs;
  run::StopRule rule;
  run::Tally tally;    // of runs that were finished before (a resumed experiment)
  std::set<int> kept;  // their numbers: not run again
};

struct HostRoom {
  int cpus = 1;
  std::uint64_t memory_bytes = 0;  // that runs may take together
  // Runs at once; 0: as many as there are CPUs for their vCPUs. A number may have vCPUs share CPUs: the user
  // asked for it, and a vCPU that waited shows in the run's host facts.
  int jobs = 0;
  bool unlimited = false;  // another scheduler decides what runs at once
};

struct Task {
  std::size_t cell = 0;
  int repeat = 0;          // from 0
  std::uint64_t seed = 0;  // a function of the experiment's seed, cell and repeat alone
};

class Schedule {
 public:
  Schedule(std::vector<ScheduledCell> cells, HostRoom room, std::uint64_t seed);

  // The next run, if it fits beside those that run; `available_bytes` is what the host has free now. One run
  // always fits on an idle host: were it too big, its own failure would say so best.
  [[nodiscard]] std::optional<Task> next(std::uint64_t available_bytes);
  // Whether it was finished before (ScheduledCell::kept).
  [[nodiscard]] bool is_kept(const Task& task) const;
  // A run that an earlier process got from next() and that has not ended: as if next() returned it now.
  void reopen(const Task& task);
  // A run from next() has ended. For a rule that watches the hang rate, runs count in the order in which they
  // were started: a hang takes longer than other runs, so those that end first are not a fair sample.
  void ended(const Task& task, const run::RunResult& result);
  // Nothing is left to be started; some may still run.
  [[nodiscard]] bool exhausted();
  [[nodiscard]] int running() const { return running_; }
  [[nodiscard]] const run::Tally& tally(std::size_t cell) const { return cells_[cell].given.tally; }

 private:
  struct Cell {
    ScheduledCell given;
    int next_repeat = 0;
    std::map<int, std::optional<run::RunResult>>
        open;  // by repeat: runs that do not count yet; none: running
  };
  [[nodiscard]] bool wants_more(const Cell& cell) const;
  [[nodiscard]] bool fits(const Needs& needs, std::uint64_t available_bytes) const;
  void fill_round();

  std::vector<Cell> cells_;
  HostRoom room_;
  std::uint64_t seed_;
  std::mt19937_64 random_;
  std::vector<std::size_t> round_;  // cells of the current round, the next one last
  int running_ = 0;
  int cpus_taken_ = 0;
  std::uint64_t memory_taken_ = 0;
  bool exclusive_runs_ = false;
};

}  // namespace hangar::experiment
