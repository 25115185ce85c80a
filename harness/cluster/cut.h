// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/cluster/run_key.h"

// How runs become tasks of job arrays. Pure: no clock, no cluster.
namespace hangar::cluster {

// A run that has to be done, in the order of the schedule.
struct Wanted {
  RunKey key;
  double expected_s = 0;
  int cpus = 1;                    // vCPUs
  std::uint64_t memory_bytes = 0;  // of the guest, QEMU and the worker
  bool exclusive = false;          // no other job runs on the node
};

struct Cutting {
  double task_s = 300;            // work of one task
  double starts_per_minute = 10;  // of jobs, on average, once all slots are busy
  int slots = 1;                  // tasks that the cluster runs at a time
};

// The runs of one task, in the order in which they run.
using Runs = std::vector<Wanted>;

// Tasks of about `task_s` of work, longer where `slots` tasks of that length would start too often. A task
// holds whole rounds of the schedule, which have one run of each cell: each node then gives pairs of runs
// that match. As long as fewer than `starts_per_minute` tasks would result, the work is spread over more of
// them, one a slot. All runs of a task have the same needs.
[[nodiscard]] std::vector<Runs> cut(const Runs& runs, const Cutting& cutting);

// The work that one task holds.
[[nodiscard]] double work_of_task(const Runs& runs, const Cutting& cutting);

// How many of the first tasks go into one job array: they have the same needs, there is room for so many more
// in the queue, and indices stay below `max_array_size` (Slurm's MaxArraySize).
[[nodiscard]] int array_length(const std::vector<Runs>& tasks, int room, int max_array_size);

}  // namespace hangar::cluster
