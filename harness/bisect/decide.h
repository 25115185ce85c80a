// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/bisect/classes.h"
#include "harness/bisect/search.h"

// What a belief answers.
namespace hangar::bisect {

// The posterior probability at which an answer is given. The posterior is right on average over the prior,
// not at each pair of rates, so that an answer needs more than the confidence where it would be wrong more
// often:
// - With few hits, chance may have made the bad rate look higher than it is. The allowed error is
//   proportional to the hits of bad revisions, up to a limit.
// - False alarms are rare in the prior. The allowed error is small if they are seen, and if the bad rate of
//   the answer is so low that they would look the same.
// tests/perf/bisect_simulator.cpp measures whether the factors are right.
[[nodiscard]] double needed_for_culprit(const Hypothesis& culprit, const Counts& bad, double confidence);
[[nodiscard]] double needed_for_no_change(const Counts& all, double confidence);

// `undecided` below the needed probability. `bad[i]` are the runs of the revisions that contain revision i.
[[nodiscard]] Decision decide(const Belief& belief, const std::vector<Counts>& bad, const Classes& classes,
                              double confidence);

// What is left to learn, divided by the capacity of a run in nats, and the runs that confirm the answer.
[[nodiscard]] Remaining remaining_of(const Belief& belief, double confidence);

}  // namespace hangar::bisect
