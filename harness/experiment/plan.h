// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/spec/spec.h"
#include "harness/run/bundle.h"
#include "harness/run/request.h"
#include "harness/run/stop_rule.h"
#include "harness/scenario/scenario.h"
#include "harness/verdict/expectation.h"

// From a request to cells (kernel x scenario x machine), and what running them would take.
namespace hangar::experiment {

struct Cell {
  scenario::Scenario scenario;
  kernel::Spec kernel;
  verdict::ExpectationGroup expected;
  std::string judged_as;   // the kernel whose expectations these are; empty: its own
  bool defaulted = false;  // ... by the scenario's default
  // The C file or program that is put onto the disk for this cell: that of `--exec`, or one beside the
  // scenario. None: the scenario's program is among the reproducers of the checkout.
  std::optional<fs::path> program_file;
  std::vector<fs::path> step_files;  // the same for the programs of a sequence
};

// What would be built and run, and about how long it takes.
struct Plan {
  struct Kernel {
    std::string name;
    kernel::Plan plan;
  };
  std::vector<Kernel> kernels;
  std::vector<Cell> cells;
  int runs = 0;
  std::optional<double> build_s;  // of what has to be built; none: no experience here yet
  double run_s_at_most = 0;       // every run to its deadline
};

// The steps of a run of the cell, in its order, which may follow from the bundle's seed. None without a
// sequence.
void set_steps(const run::Request& request, const Cell& cell, run::RunSpec& spec);
[[nodiscard]] run::StopRule stop_rule(const run::Request& request, const scenario::Scenario& scenario);
// How many saved guests the cell's restored repeats use.
[[nodiscard]] int guests_of(const run::Request& request, const scenario::Scenario& scenario);

[[nodiscard]] Result<std::vector<Cell>> make_cells(const run::Request& request);
[[nodiscard]] Result<Plan> plan(const run::Request& request);

}  // namespace hangar::experiment
