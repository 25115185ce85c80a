// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/experiment/plan.h"
#include "harness/run/report.h"

namespace hangar::experiment {

// A run of an experiment that was finished before the experiment was resumed.
struct KeptRun {
  std::size_t cell = 0;
  int repeat = 0;
  run::RunReport report;
};

// The finished runs of `experiment`, judged as `cells` expect. What was interrupted or failed by the host is
// left out, to be done again; directories of runs that were cut off before their outcome are removed.
[[nodiscard]] Result<std::vector<KeptRun>> kept_runs(const fs::path& state, const std::string& experiment,
                                                     const std::vector<Cell>& cells);

}  // namespace hangar::experiment
