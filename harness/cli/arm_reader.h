// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/cli/terminal.h"
#include "harness/compare/arm.h"
#include "harness/run/executor.h"
#include "harness/run/request.h"
#include "harness/scenario/image.h"
#include "harness/store/index.h"

namespace hangar::cli {

// The names of scenarios as rows have them: a file has its name in it. A name that is not known is an error
// if it has to be, since rows may be of scenarios that this Hangar does not have. `tree` is Hangar's own.
[[nodiscard]] Result<std::vector<std::string>> scenario_names(const fs::path& tree,
                                                              const std::vector<std::string>& words,
                                                              bool have_to_exist);

// Whether a word names a file of rows: a path, or a name that ends in .jsonl. Kernel specs and binaries are
// kernels.
[[nodiscard]] bool is_rows_file(const std::string& word);

// Reads what `hangar compare` compares: files of rows, experiments, stored runs of kernels.
class ArmReader {
 public:
  struct Wanted {
    fs::path tree;                       // Hangar's own
    std::vector<std::string> scenarios;  // none: of all
    // Stored runs of a kernel count if they were made without options that change what is run, but with this
    // on the kernel's command line, and with this --image.
    std::string append;
    std::optional<scenario::ImageChoice> image = {};
    bool independent = false;  // of runs from one boot only the first
  };
  ArmReader(Home home, Wanted wanted, Terminal& terminal)
      : home_(std::move(home)), wanted_(std::move(wanted)), terminal_(terminal) {}

  [[nodiscard]] Result<compare::Arm> read(const std::string& word) const;
  [[nodiscard]] const std::vector<std::string>& scenarios() const { return wanted_.scenarios; }
  // Neither a file, nor an experiment, nor KERNEL@before:DATE.
  [[nodiscard]] Result<bool> is_kernel(const std::string& word) const;

 private:
  [[nodiscard]] Result<std::vector<compare::Row>> rows_of(const std::string& word) const;
  [[nodiscard]] Result<std::vector<compare::Row>> stored(const store::Index& index,
                                                         const std::string& word) const;
  void say_once(const std::string& line) const;
  void drop_other_setups(const std::string& word, std::vector<store::RunRow>& runs) const;

  Home home_;
  Wanted wanted_;
  Terminal& terminal_;
  mutable std::set<std::string> said_;  // an arm is read several times
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
                                       int repeat, run::Request request, run::Executor& executor,
                                       run::Observer& observer, const StopEarly& stop);

}  // namespace hangar::cli
