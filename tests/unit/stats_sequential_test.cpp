// SPDX-License-Identifier: GPL-2.0-only
#include <random>

#include <gmock/gmock.h>

#include "harness/stats/sequential.h"

namespace hangar::stats {
namespace {

// The night's promise: from always to half, or from never to half, is noticed nine times in ten; a kernel
// that is as it was is complained of less than once in a thousand nights.
TEST(Sequential, TheNightlyTestKeepsItsPromise) {
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
    while (watch.needs_more()) watch.add(hangs(chance));
    if (watch.decision() == RateDecision::changed) ++alarms;
  }
  return static_cast<double>(alarms) / nights;
}

TEST(Sequential, SimulatedKernelsAgreeWithTheComputation) {
  constexpr int nights = 200000;
  for (const double rate : {1.0, 0.98, 0.95, 0.7, 0.5, 0.2}) {
    const double expected = characteristic(always_hung(), rate).changed;
    EXPECT_NEAR(share_of_alarms(always_hung(), rate, nights), expected, 0.005) << rate;
    EXPECT_NEAR(share_of_alarms(never_hung(), 1 - rate, nights), expected, 0.005) << rate;
  }
  EXPECT_LT(share_of_alarms(always_hung(), 0.95, nights), 0.001);
  EXPECT_LT(share_of_alarms(nearly_always_hung(), 0.85, nights), 0.0015);
}

TEST(Sequential, NothingIsSaidBeforeTheLeastNumberOfRuns) {
  RateWatch watch(always_hung());
  for (int run = 0; run < 4; ++run) watch.add(true);
  EXPECT_EQ(watch.decision(), RateDecision::undecided);
  watch.add(true);
  EXPECT_EQ(watch.decision(), RateDecision::unchanged);
  EXPECT_FALSE(watch.needs_more());
}

}  // namespace
}  // namespace hangar::stats
