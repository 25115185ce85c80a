// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/base/fs.h"
#include "harness/run/executor.h"

// Runs an experiment on this machine: kernels, images, runs in worker processes, verdicts, the store.
namespace hangar::experiment {

// Short paths for sockets and private disks, outside any home: QEMU may run as another user.
[[nodiscard]] Result<fs::path> scratch_folder();

[[nodiscard]] Result<run::Report> execute(const run::Request& request, run::Observer& observer);
// Resumes an experiment that was interrupted or killed: finished runs are kept, unfinished ones done
// again. `experiment` is an id, its beginning, or `last`; of `how` home, program and jobs (not 0) are taken.
[[nodiscard]] Result<run::Report> resume(const std::string& experiment, const run::Request& how,
                                         run::Observer& observer);

class LocalExecutor : public run::Executor {
 public:
  // `connect`: Request::connect of what is executed; none: as the request has it.
  explicit LocalExecutor(std::vector<std::string> connect = {}) : connect_(std::move(connect)) {}
  [[nodiscard]] Result<run::Report> execute(const run::Request& request, run::Observer& observer) override;

 private:
  std::vector<std::string> connect_;
};

}  // namespace hangar::experiment
