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

// The decision after so many runs that hung and then so many that did not.
RateDecision after(const RateTest& test, int hung, int not_hung) {
  RateWatch watch(test);
  for (int run = 0; run < hung; ++run) watch.add(true);
  for (int run = 0; run < not_hung; ++run) watch.add(false);
  return watch.decision();
}

// Wald 1945: `changed` from a likelihood ratio of (1 - missed) / false_alarm on, `unchanged` down from missed
// / (1 - false_alarm). Here every run that hangs divides the ratio by 4 and every other one multiplies it
// by 4.
TEST(Sequential, DecidesAtWaldsLimits) {
  const RateTest up{0.8, 0.2, 0.01, 0.37, 1, 40};  // from 63 on
  EXPECT_EQ(after(up, 0, 2), RateDecision::undecided) << "16";
  EXPECT_EQ(after(up, 0, 3), RateDecision::changed) << "64";
  const RateTest down{0.8, 0.2, 0.01, 0.0157, 1, 40};  // down from 1/63.06
  EXPECT_EQ(after(down, 2, 0), RateDecision::undecided) << "1/16";
  EXPECT_EQ(after(down, 3, 0), RateDecision::unchanged) << "1/64";
  const RateTest mixed{0.8, 0.2, 0.01, 0.2, 1, 40};  // from 80 on, down from 1/4.95
  EXPECT_EQ(after(mixed, 1, 4), RateDecision::undecided) << "64";
  EXPECT_EQ(after(mixed, 1, 5), RateDecision::changed) << "256";
}

TEST(Sequential, TheCharacteristicOfATestThatCannotDecide) {
  const Characteristic found = characteristic({0.8, 0.2, 1e-9, 1e-9, 1, 6}, 0.5);
  EXPECT_EQ(found.changed, 0);
  EXPECT_DOUBLE_EQ(found.undecided, 1);
  EXPECT_DOUBLE_EQ(found.runs, 6);
}

TEST(Sequential, EndsUndecidedAfterTheMaximumOfRuns) {
  RateWatch watch({0.8, 0.2, 1e-9, 1e-9, 1, 6});
  for (int run = 0; run < 6; ++run) {
    EXPECT_TRUE(watch.needs_more()) << run;
    watch.add(run % 2 == 0);
  }
  EXPECT_FALSE(watch.needs_more());
  EXPECT_EQ(watch.decision(), RateDecision::undecided);
  EXPECT_EQ(watch.runs(), 6);
  EXPECT_EQ(watch.hangs(), 3);
}

}  // namespace
}  // namespace hangar::stats
