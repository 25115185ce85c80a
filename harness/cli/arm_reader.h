// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/cli/terminal.h"
#include "harness/compare/arm.h"
#include "harness/run/executor.h"
#include "harness/run/request.h"
#include "harness/store/index.h"

namespace hangar::cli {

// Reads what `hangar compare` compares: files of rows, experiments, stored runs of kernels.
class ArmReader {
 public:
  // Only runs of these scenarios; none named: of all.
  ArmReader(Home home, std::vector<std::string> scenarios, Terminal& terminal)
      : home_(std::move(home)), scenarios_(std::move(scenarios)), terminal_(terminal) {}

  [[nodiscard]] Result<compare::Arm> read(const std::string& word) const;
  // Neither a file, nor an experiment, nor KERNEL@before:DATE.
  [[nodiscard]] Result<bool> is_kernel(const std::string& word) const;

 private:
  [[nodiscard]] Result<std::vector<compare::Row>> rows_of(const std::string& word) const;
  [[nodiscard]] Result<std::vector<compare::Row>> stored(const store::Index& index,
                                                         const std::string& word) const;

  Home home_;
  std::vector<std::string> scenarios_;
  Terminal& terminal_;
};

// Why run_missing() may stop before all is there. Both are asked about before each batch of one run of each
// cell; without any, all that is missing is one batch.
struct StopEarly {
  std::function<Result<bool>()> enough;                        // the answer is known
  std::optional<std::chrono::steady_clock::time_point> until;  // no batch begins after this
};

// The end of a budget from now on, "2h"; none for "".
[[nodiscard]] Result<std::optional<std::chrono::steady_clock::time_point>> end_of_budget(
    const std::string& budget);

// Boots guests until each of `kernels` has `repeat` runs of each scenario that count, in turns. What is
// stored of the kernel's newest build counts. `request` has all but the kernels and the number of runs.
[[nodiscard]] Result<void> run_missing(const ArmReader& reader, const std::vector<std::string>& kernels,
                                       int repeat, run::Request request, run::Observer& observer,
                                       const StopEarly& stop);

}  // namespace hangar::cli
