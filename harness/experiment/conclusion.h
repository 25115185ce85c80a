// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <future>
#include <mutex>
#include <optional>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/base/stopwatch.h"
#include "harness/experiment/plan.h"
#include "harness/run/report.h"
#include "harness/store/index.h"
#include "harness/store/run_directory.h"

namespace hangar::experiment {

// What is known of a run's end without judging it: the time of its steps and QEMU's version.
void record_end(const store::RunDirectory& directory, const Stopwatch& watch, store::RunInfo& info);

// Judges run directories and adds them to the index.
class Conclusion {
 public:
  // Opens the index in the background: it looks at every run directory there is.
  explicit Conclusion(const fs::path& state);

  // A run that `watch` measured.
  [[nodiscard]] Result<run::RunReport> conclude(const store::RunDirectory& directory, const Cell& cell,
                                                Stopwatch watch);
  // A run whose end is recorded in run.json.
  [[nodiscard]] Result<run::RunReport> conclude(const store::RunDirectory& directory, const Cell& cell);

 private:
  Result<void> keep(const store::RunDirectory& directory, run::RunReport& report, store::RunInfo& info);
  Result<void> add_to_index(const fs::path& directory);

  std::mutex index_mutex_;
  std::future<Result<store::Index>> opening_;
  std::optional<Result<store::Index>> index_;
};

}  // namespace hangar::experiment
