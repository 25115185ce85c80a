// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
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

// When run_missing() stops before all is there: asked before each batch of one run of each cell.
using Enough = std::function<Result<bool>()>;

// Boots guests until each of `kernels` has `repeat` runs of each scenario that count, in turns. What is
// stored of the kernel's newest build counts. `request` has all but the kernels and the number of runs.
[[nodiscard]] Result<void> run_missing(const ArmReader& reader, const std::vector<std::string>& kernels,
                                       int repeat, run::Request request, run::Observer& observer,
                                       const Enough& enough = {});

}  // namespace hangar::cli
