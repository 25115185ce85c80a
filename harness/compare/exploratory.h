// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/compare/arm.h"
#include "harness/compare/question.h"

namespace hangar::compare {

// What else differs between the runs of one scenario: times (times.h), OOM kills in a run and the latency of
// the probe (Mann-Whitney), and the runs with each victim, crash, finding and failed program (Fisher). Titles
// and ids that no run of either arm has are not asked about.
[[nodiscard]] std::vector<Question> explore(const std::string& scenario, const Arm& first, const Arm& second);

}  // namespace hangar::compare
