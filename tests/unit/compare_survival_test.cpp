// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/compare/survival.h"

namespace hangar::compare {
namespace {

// The remission times (weeks) of the 6-MP arm of Freireich et al. 1963, the textbook's example: 21 patients,
// nine relapses. R's survfit gives 0.857 at 6, 0.753 at 10, 0.448 at 23; a median of 23 (16 to none).
TEST(Survival, IsTheProductLimitEstimate) {
  std::vector<Duration> durations;
  for (const double ended : {6, 6, 6, 7, 10, 13, 16, 22, 23}) durations.push_back({ended, false});
  for (const double censored : {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35})
    durations.push_back({censored, true});
  const auto steps = survival(durations);
  ASSERT_EQ(steps.size(), 7u);
  EXPECT_NEAR(steps[0].alive, 0.8571, 1e-4);
  EXPECT_NEAR(steps[2].alive, 0.7529, 1e-4);
  EXPECT_NEAR(steps[6].alive, 0.4482, 1e-4);
  EXPECT_NEAR(steps[0].low, 0.6197, 1e-3);
  EXPECT_NEAR(steps[0].high, 0.9516, 1e-3);
  const Quantile median = quantile(steps);
  EXPECT_EQ(median.seconds, 23);
  EXPECT_EQ(median.low, 13);
  EXPECT_EQ(median.high, std::nullopt);
}

TEST(Survival, WhatOutlastsWatchingHasNoMedian) {
  const auto steps = survival({{10, true}, {10, true}, {4, false}});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(quantile(steps).seconds, std::nullopt);
  EXPECT_TRUE(survival({}).empty());
}

TEST(Survival, AllEndedEndsAtZero) {
  const auto steps = survival({{3, false}, {1, false}, {2, false}});
  EXPECT_EQ(steps.back().alive, 0);
  EXPECT_EQ(quantile(steps).seconds, 2);
}

}  // namespace
}  // namespace hangar::compare
