// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/compare/comparison.h"
#include "harness/report/cells.h"
#include "harness/report/log_extract.h"
#include "harness/report/mail.h"

// What a tester answers to a patch on a mailing list: what was tested, on what, what came out with and
// without the patch, and what was not tested (Documentation/process/submitting-patches.rst of the kernel has
// the tag).
namespace hangar::report {

struct TestedPatch {
  std::string title;       // "mm, oom: bound the wait for a victim"
  std::string message_id;  // without <>; "": not known
};

// One run that shows the difference, and its lines.
struct Shown {
  std::string kernel;
  std::string run;  // its id
  std::vector<Excerpt> lines;
};

struct TestedByInputs {
  std::string tester;  // "Name <mail>"
  KernelText base;
  std::string base_name;
  std::string patched_name;
  std::vector<TestedPatch> patches;
  std::string difference;   // of the kernels' specs, if there is no patch: "command line: - -> oom2015=511"
  std::vector<Cell> cells;  // of both kernels
  std::optional<compare::Comparison> comparison;  // of base and patched
  std::vector<Shown> shown;
  std::vector<std::string> commands;
  std::vector<std::string> not_run;  // scenarios of the default set that neither kernel ran
};

// Whether the runs support the tag: something was run with the patch that counts, no cell of the patched
// kernel failed or could not be judged (one that is judged as another kernel needs no hang and no crash), and
// it is not worse than the base in any primary question.
[[nodiscard]] bool may_be_tagged(const TestedByInputs& inputs);

// Without the tag, and with the reason in its place, if !may_be_tagged().
[[nodiscard]] std::string to_tested_by(const TestedByInputs& inputs);

}  // namespace hangar::report
