// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/compare/arm.h"
#include "harness/compare/question.h"
#include "harness/compare/steady.h"
#include "harness/stats/pairs.h"
#include "harness/stats/strata.h"

// The primary question: does the second arm hang as often as the first?
namespace hangar::compare {

// Of one scenario: Fisher's exact test, with Newcombe's interval of the difference. Where runs are of several
// nodes, each node is a stratum (Mantel and Haenszel); where the rate of an arm changed over time, thirds of
// the runs are strata; and where boots differ they are the
// units of the interval and of p (stats::permutation_p). `text` states why.
[[nodiscard]] Question hang_rate_in(const std::string& scenario, const Arm& first, const Arm& second);

// The runs of one arm against another in each scenario that both have, on each node.
[[nodiscard]] std::vector<stats::Stratum> strata_of(const Arm& first, const Arm& second);

// Their sum.
[[nodiscard]] stats::Stratum pooled(const std::vector<stats::Stratum>& strata);

// Of all scenarios that both arms have: Mantel and Haenszel's test. Where boots differ in one of them, boots
// are the units in all.
[[nodiscard]] Question hang_rate_overall(const Arm& first, const Arm& second);

// Whether the second arm's rate is shown to be higher by less than `margin`: the upper end of the 95%
// interval is below it; where boots differ, they are its units. The answer is no-worse, worse (the lower end
// is above 0), or cannot-tell, and `text` has the runs that it would take.
[[nodiscard]] Question no_worse_than(const Arm& first, const Arm& second, double margin);

// The runs of two arms in pairs, in the order of time: the first of one with the first of the other in each
// scenario and on each node, and so on. What one arm has more is left out.
[[nodiscard]] std::vector<stats::RunPair> pairs_of(const Arm& first, const Arm& second);

// The same two questions for runs that are compared after every pair: error rates hold at all looks together
// (stats/pairs.h). With a margin, of one scenario.
[[nodiscard]] Question sequential_rate(const Arm& first, const Arm& second);
[[nodiscard]] Question sequential_no_worse_than(const Arm& first, const Arm& second, double margin);

}  // namespace hangar::compare
