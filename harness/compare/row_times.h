// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/compare/row.h"
#include "harness/stats/survival.h"

// How long what took in one run, in seconds. What had not come when the run ended, or when our SysRq f
// changed the kernel's course, is censored; a run in which it could not come has no time.
namespace hangar::compare {

using Durations = std::vector<stats::Duration>;
using TimeOf = std::optional<stats::Duration> (*)(const Row&);

// Of the longest hang; none without a hang.
[[nodiscard]] std::optional<stats::Duration> hang_duration(const Row& row);
// From the program's start to the first stretch of 1 s or more without progress (outcome/pace.h); none if the
// row has no pace.
[[nodiscard]] std::optional<stats::Duration> time_to_stall(const Row& row);
// From the program's start to the kernel's first own OOM kill.
[[nodiscard]] std::optional<stats::Duration> time_to_first_kill(const Row& row);
// From that kill until its victim's memory was free; none without such a kill.
[[nodiscard]] std::optional<stats::Duration> time_to_free(const Row& row);

[[nodiscard]] Durations times_in(const std::vector<const Row*>& rows, TimeOf of);
[[nodiscard]] bool any_ended(const Durations& times);
// "10: 2.2 s (95%: 2.1 s to 2.4 s)", the number of runs first; "all 10 longer than 3 s"; "none".
[[nodiscard]] std::string times_text(const Durations& times, int decimals = 1);

}  // namespace hangar::compare
