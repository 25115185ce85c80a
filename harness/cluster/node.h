// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// The part that runs on a node, as a task of a job array.
namespace hangar::cluster {

// What the batch system reports to a job.
struct JobPlace {
  std::string node;
  int array = 0;
  int index = 0;
  int restarts = 0;
};
// From the environment that Slurm gives to a job.
[[nodiscard]] JobPlace place_from_environment();

// Executes the runs of a task that are not complete, one after the other, and completes them. `experiment` is
// the experiment's folder in the shared folder; `version` is Hangar's. Returns the exit status of the job.
[[nodiscard]] Result<int> run_task(const fs::path& experiment, int task, const JobPlace& place,
                                   const std::string& version);

}  // namespace hangar::cluster
