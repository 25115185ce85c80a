// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

#include "harness/outcome/host_load.h"
#include "harness/verdict/outcome.h"

// What the host's load means for a run: which stretches cannot be trusted, and which hangs fall into them.
namespace hangar::outcome {

// Consecutive disturbed seconds are one interval, described by its worst second.
[[nodiscard]] std::vector<verdict::Disturbance> find_disturbances(const std::vector<HostLoad>& loads);

// Whether other guests of Hangar ran in any of these seconds; none: that was not recorded.
[[nodiscard]] std::optional<bool> was_shared(const std::vector<HostLoad>& loads);

// Marks the hangs that the host may have made: those whose first `threshold_s` seconds, in which they were
// confirmed, were disturbed for a third of the time or more.
void mark_suspects(verdict::Outcome& outcome, double threshold_s);

}  // namespace hangar::outcome
