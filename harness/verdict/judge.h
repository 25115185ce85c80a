// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/stats/estimate.h"
#include "harness/verdict/expectation.h"
#include "harness/verdict/outcome.h"
#include "harness/verdict/verdict.h"

// Compares facts with expectations. A pure function: a stored run can be judged again under new expectations.
namespace hangar::verdict {

struct Judgement {
  std::string text;  // what was expected: "hang: none"
  Verdict verdict = Verdict::pass;
  std::string got;               // what there was instead, or what fulfilled it
  std::vector<CitedLine> lines;  // that prove it
};

// One judgement per fact that `expected` names. A duration that is censored is only a lower bound: where more
// watching could still change the answer, it is inconclusive.
[[nodiscard]] std::vector<Judgement> judge_run(const RunExpectation& expected, const Outcome& outcome);

// What is expected of each run and, of one that hung, of each hung run. Unless these state otherwise, every
// run is also expected to boot, to start its program, to exit with status 0 and to show no crash report. With
// nothing stated at all the best verdict is `inconclusive`.
[[nodiscard]] std::vector<Judgement> judge_run(const ExpectationGroup& expected, const Outcome& outcome);

// `rate` is that of the cell's runs with a hang, without those that do not count; without an interval it is
// inconclusive. `boots` is of how many boots the runs are, where that is known: runs from one saved guest are
// not independent.
[[nodiscard]] std::vector<Judgement> judge_cell(const CellExpectation& expected,
                                                const stats::RateEstimate& rate,
                                                std::optional<int> boots = std::nullopt);

// "memory-stall (no-kill) in out_of_memory of at least 31.2 s from 3.0 s".
[[nodiscard]] std::string to_text(const Hang& hang);

// "expected hang: none; got task of 15.1 s"; of a run that could not be judged the reason alone.
[[nodiscard]] std::string reason(const Judgement& judgement);

[[nodiscard]] Verdict worst_of(const std::vector<Judgement>& judgements);

}  // namespace hangar::verdict
