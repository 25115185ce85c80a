// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/fs.h"
#include "harness/experiment/executor.h"

// Runs an experiment on this machine: kernels, images, runs in worker processes, verdicts, the store.
namespace hangar::experiment {

// Short paths for sockets and private disks, outside any home: QEMU may run as another user.
[[nodiscard]] Result<fs::path> scratch_folder();

[[nodiscard]] Result<Report> execute(const Request& request, Observer& observer);
// Goes on with an experiment that was interrupted or killed: finished runs are kept, half-done ones done
// again. `experiment` is an id, its beginning, or `last`; of `how` home, program and jobs (not 0) are taken.
[[nodiscard]] Result<Report> resume(const std::string& experiment, const Request& how, Observer& observer);

class LocalExecutor : public Executor {
 public:
  [[nodiscard]] Result<Report> execute(const Request& request, Observer& observer) override;
};

}  // namespace hangar::experiment
