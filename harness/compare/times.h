// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/compare/arm.h"
#include "harness/compare/question.h"

namespace hangar::compare {

// The questions about times of one scenario, each answered by the log-rank test:
// - hang-duration: of the longest hang of each run; censored where we ended it or watching ended.
// - time-to-stall: to the first stretch of 1 s or more without progress; censored at the run's end.
// - time-to-first-kill: to the kernel's first own OOM kill; censored at the first kill by SysRq f, or at the
//   run's end.
// - time-to-free: from that kill until its victim's memory was free; censored in the same way.
// The test compares within each node of a cluster, and within thirds of the runs where the hang rate of an
// arm changed over time. A hazard ratio above 1: what is timed comes sooner in the second arm. Questions
// about what no run of either arm has are left out.
[[nodiscard]] std::vector<Question> ask_about_times(const std::string& scenario, const Arm& first,
                                                    const Arm& second);

}  // namespace hangar::compare
