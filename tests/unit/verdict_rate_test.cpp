// SPDX-License-Identifier: GPL-2.0-only
#include <random>

#include <gmock/gmock.h>

#include "harness/verdict/rate.h"

namespace hangar::verdict {
namespace {

TEST(Rate, IntervalIsClopperPearson) {
  // Values of R's binom.test(3, 10), and the rule of three's exact form for 0 of 10.
  EXPECT_NEAR(rate_interval(3, 10).low, 0.0667, 1e-4);
  EXPECT_NEAR(rate_interval(3, 10).high, 0.6525, 1e-4);
  EXPECT_NEAR(rate_interval(0, 10).high, 0.3085, 1e-4);
  EXPECT_EQ(rate_interval(0, 10).low, 0);
  EXPECT_EQ(rate_interval(10, 10).high, 1);
  EXPECT_NEAR(rate_interval(5, 23).low, 0.0746, 1e-4);
  EXPECT_NEAR(rate_interval(5, 23).high, 0.4370, 1e-4);
  EXPECT_EQ(rate_interval(0, 0).high, 1);
}

// The night's promise: from always to half, or from never to half, is noticed nine times in ten; a kernel
// that is as it was is complained of less than once in a thousand nights.
TEST(Rate, TheNightlyTestKeepsItsPromise) {
  EXPECT_LT(characteristic(always_hung(), 0.95).changed, 0.001);
  EXPECT_LT(characteristic(always_hung(), 1).changed, 1e-9);
  EXPECT_GE(characteristic(always_hung(), 0.5).changed, 0.9);
  EXPECT_LT(characteristic(never_hung(), 0.05).changed, 0.001);
  EXPECT_GE(characteristic(never_hung(), 0.5).changed, 0.9);
  EXPECT_LT(characteristic(nearly_always_hung(), 0.85).changed, 0.001);
  EXPECT_GE(characteristic(nearly_always_hung(), 0.5).changed, 0.9);
  // A night without news takes five runs.
  EXPECT_DOUBLE_EQ(characteristic(always_hung(), 1).runs, 5);
  EXPECT_LT(characteristic(always_hung(), 0.5).runs, 12);
  EXPECT_LT(characteristic(always_hung(), 0.95).undecided, 1e-3);
}

// The same from kernels that hang by chance, a night each.
double share_of_alarms(RateTest test, double rate, int nights) {
  std::mt19937_64 chance(20151012);
  std::bernoulli_distribution hangs(rate);
  int alarms = 0;
  for (int night = 0; night < nights; ++night) {
    RateWatch watch(test);
    while (watch.wants_more()) watch.add(hangs(chance));
    if (watch.says() == RateSays::changed) ++alarms;
  }
  return static_cast<double>(alarms) / nights;
}

TEST(Rate, SimulatedKernelsAgreeWithTheComputation) {
  constexpr int nights = 200000;
  for (const double rate : {1.0, 0.98, 0.95, 0.7, 0.5, 0.2}) {
    const double expected = characteristic(always_hung(), rate).changed;
    EXPECT_NEAR(share_of_alarms(always_hung(), rate, nights), expected, 0.005) << rate;
    EXPECT_NEAR(share_of_alarms(never_hung(), 1 - rate, nights), expected, 0.005) << rate;
  }
  EXPECT_LT(share_of_alarms(always_hung(), 0.95, nights), 0.001);
  EXPECT_LT(share_of_alarms(nearly_always_hung(), 0.85, nights), 0.0015);
}

TEST(Rate, NothingIsSaidBeforeTheLeastNumberOfRuns) {
  RateWatch watch(always_hung());
  for (int run = 0; run < 4; ++run) watch.add(true);
  EXPECT_EQ(watch.says(), RateSays::undecided);
  watch.add(true);
  EXPECT_EQ(watch.says(), RateSays::as_before);
  EXPECT_FALSE(watch.wants_more());
}

}  // namespace
}  // namespace hangar::verdict
