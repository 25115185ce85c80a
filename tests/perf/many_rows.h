// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/compare/row.h"

// Rows and run directories of a large experiment on a cluster, without guests: 5 kernels and 4 scenarios on 8
// nodes with 2 models of CPU. Rates and durations depend on the kernel, the scenario and the node. The runs
// of one scenario are restored, 5 from each boot. The same at each call.
namespace hangar::perf {

inline const std::vector<std::string> simulated_kernels = {"v6.1", "v6.1-oom-2015", "v6.1-oom-timeout",
                                                           "v6.1-oom-unmap", "v6.6"};

// In the order of time. The kernels take turns.
[[nodiscard]] std::vector<compare::Row> simulated_rows(int count);

// Writes `folder`/KERNEL.jsonl for each kernel. Returns the files.
[[nodiscard]] Result<std::vector<fs::path>> write_rows(const std::vector<compare::Row>& rows,
                                                       const fs::path& folder);

// Writes `home`/state/runs/ID for each row. Logs are hard links to those of two runs of tests/data/runs, one
// that hung and one that did not.
[[nodiscard]] Result<void> write_runs(const std::vector<compare::Row>& rows, const fs::path& home);

}  // namespace hangar::perf
