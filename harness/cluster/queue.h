// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/cluster/ledger.h"

// What the front end needs of a batch system.
namespace hangar::cluster {

// What jobs ask for.
struct JobOptions {
  std::string name;  // all jobs of an experiment have it
  int cpus = 1;
  std::uint64_t memory_bytes = 0;
  bool exclusive = false;
  int at_a_time = 0;      // tasks of an array that run at a time; 0: no limit
  std::string partition;  // empty, here and below: the batch system's default
  std::string account;
  std::string constraint;
  std::string time_limit;
  std::vector<std::string> exclude;  // nodes
  fs::path output;                   // what the jobs print; %A and %a are array and index
};

class BatchSystem {
 public:
  virtual ~BatchSystem() = default;
  // Submits an array with the indices 0 to `tasks` - 1; each runs `script` with its index in
  // SLURM_ARRAY_TASK_ID. Returns the array's id.
  [[nodiscard]] virtual Result<int> submit(const std::string& script, int tasks,
                                           const JobOptions& options) = 0;
  // The jobs of this user with the name. An error shows nothing about them.
  [[nodiscard]] virtual Result<Queue> queue(const std::string& name) = 0;
  // Ends all of them.
  [[nodiscard]] virtual Result<void> cancel(const std::string& name) = 0;
};

}  // namespace hangar::cluster
