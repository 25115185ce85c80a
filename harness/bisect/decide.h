// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/bisect/classes.h"
#include "harness/bisect/search.h"

// What a belief answers.
namespace hangar::bisect {

// `undecided` below the threshold.
[[nodiscard]] Decision decide(const Belief& belief, const Classes& classes, double threshold);

// What is left to learn, divided by the capacity of a run in nats, and the runs that confirm the answer.
[[nodiscard]] Remaining remaining_of(const Belief& belief, double threshold);

}  // namespace hangar::bisect
