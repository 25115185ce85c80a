// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

#include "harness/stats/interval.h"

namespace hangar::stats {

// Whether the values of two groups differ, by their ranks alone (H. B. Mann, D. R. Whitney, On a test of
// whether one of two random variables is stochastically larger than the other, Annals of Mathematical
// Statistics 18, 1947): the normal approximation with corrections for ties and continuity, which is R's
// wilcox.test(exact = FALSE).
struct RankTest {
  // P(second < first) + P(second = first) / 2, estimated from all pairs. 0.5: neither is larger.
  double second_is_less = 0.5;
  // Of it, 95% (R. G. Newcombe, Confidence intervals for an effect size measure based on the Mann-Whitney
  // statistic, part 2, Statistics in Medicine 25, 2006, method 5). 0 to 1 when a group has no value.
  Interval interval;
  // None when a group has no value, or when all values are equal.
  std::optional<double> p;
};

// Values may be infinite: a value that is worse than each that can be measured.
[[nodiscard]] RankTest rank_test(const std::vector<double>& first, const std::vector<double>& second);

}  // namespace hangar::stats
