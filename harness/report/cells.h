// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/compare/cell.h"
#include "harness/report/record.h"
#include "harness/run/stop_rule.h"
#include "harness/stats/estimate.h"
#include "harness/stats/survival.h"
#include "harness/verdict/judge.h"
#include "harness/verdict/verdict.h"

// The runs of a report by cell: one build of a kernel with one command line, one scenario and one machine.
namespace hangar::report {

struct Cell {
  std::string kernel;
  std::string scenario;
  std::string machine;
  std::string label;      // the kernel, and what sets it apart from a cell with the same names: "v6.1 (x=1)"
  std::string judged_as;  // RunSpec::judged_as
  std::vector<Run> runs;  // in the order of their ids, which is that of time
  run::Tally tally;
  stats::RateEstimate hang_rate;
  std::optional<int> boots;            // that the counted runs come from; none: not known
  compare::CellSummary summary;        // rate by boots, median of the longest hang, kills, victims
  std::vector<stats::Duration> hangs;  // the longest hang of each hung run that counts, in order of time
  stats::SurvivalCurve durations;      // of these
  verdict::Verdict verdict = verdict::Verdict::inconclusive;
  std::vector<verdict::Judgement> judgements;  // on the cell as a whole
  std::string why;                             // of the verdict, in one line
};

// The rule that decided how often a run's cell was repeated: it decides which interval the rate has.
using RuleOf = std::function<run::StopRule(const Run&)>;

// Cells in the order of their first runs. Runs of several experiments that are of one cell are one cell.
[[nodiscard]] std::vector<Cell> cells_of(std::vector<Run> runs, const RuleOf& rule_of);

[[nodiscard]] verdict::Verdict worst_of(const std::vector<Cell>& cells);

// Kernels of one scenario in the order of their versions: the last one whose cell passed before the first one
// whose cell failed. None without both.
struct Boundary {
  std::string scenario;
  std::string last_good;  // labels
  std::string first_bad;
};
[[nodiscard]] std::vector<Boundary> boundaries(const std::vector<Cell>& cells);

}  // namespace hangar::report
