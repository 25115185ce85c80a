// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/nightly/progress.h"

namespace hangar::nightly {

// Of the budget, for suspicions of earlier nights before screening begins.
inline constexpr double pending_share = 0.6;
// Each suspicion gets so many pairs first; then the one with the least p is continued.
inline constexpr int first_pairs = 8;
// Nights on which the culprit of a finding is sought.
inline constexpr int most_bisections = 3;

// Runs pairs for the open suspicions until each is confirmed or cleared, or only `reserved_s` seconds of the
// budget are left.
[[nodiscard]] Result<void> confirm(Progress& progress, double reserved_s);

// Seeks the culprits of confirmed findings with what is left of the budget.
[[nodiscard]] Result<void> bisect(Progress& progress);

}  // namespace hangar::nightly
