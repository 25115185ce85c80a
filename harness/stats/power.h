// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

// How many runs a comparison of two rates needs. Both groups have the same number of runs.
namespace hangar::stats {

// The probability that Fisher's exact test at the 5% level finds a difference, with so many runs in each
// group and these true rates. Computed over all tables; of more than 2000 runs per group by the normal
// approximation.
[[nodiscard]] double fisher_power(int runs, double first_rate, double second_rate);

// The least difference from `rate`, upwards or downwards, that so many runs per group detect with 80%
// probability: the smaller of both directions, to a hundredth. None if even the largest is missed.
[[nodiscard]] std::optional<double> detectable_difference(int runs, double rate);

// The runs per group that detect `difference` from `rate` (upwards where there is room, else downwards) with
// 80% probability, in steps of 5. None above 2000.
[[nodiscard]] std::optional<int> runs_to_detect(double rate, double difference);

// The runs per group after which the 95% interval of rate_difference() ends below `margin`, if both groups go
// on as they did. None if more runs will not show it: the difference is at or above the margin. None above
// 100000 as well.
[[nodiscard]] std::optional<int> runs_to_show_not_worse(int first_hits, int first_runs, int second_hits,
                                                        int second_runs, double margin);

}  // namespace hangar::stats
