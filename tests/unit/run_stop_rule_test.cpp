// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/run/stop_rule.h"

namespace hangar::run {
namespace {

using testing::HasSubstr;
using Kind = RunResult::Kind;

Tally tally_of(int runs, int hangs) {
  Tally tally;
  for (int i = 0; i < runs; ++i) tally.add({Kind::counted, i < hangs});
  return tally;
}

TEST(StopRule, NumberOfRunsIsAttemptsWhateverCameOfThem) {
  const StopRule rule{2, false, {}};
  Tally tally;
  EXPECT_FALSE(enough(rule, tally));
  tally.add({Kind::host_trouble});
  EXPECT_FALSE(enough(rule, tally));
  tally.add({Kind::counted, true});
  EXPECT_TRUE(enough(rule, tally));
  EXPECT_EQ(tally.attempts, 2);
  EXPECT_EQ(tally.runs, 1);
  EXPECT_EQ(tally.hangs, 1);
}

// Exit status 77: nothing was learned of how often it hangs.
TEST(StopRule, ARunThatTheKernelCannotDoIsNoRunWithoutAHang) {
  const StopRule rule{1000, false, 0.2};
  Tally tally;
  for (int i = 0; i < troubles_to_give_up; ++i) {
    EXPECT_FALSE(enough(rule, tally));
    tally.add({Kind::not_run});
  }
  EXPECT_EQ(tally.runs, 0);
  EXPECT_EQ(tally.attempts, troubles_to_give_up);
  EXPECT_EQ(enough(rule, tally), "the kernel could not run the program in 3 attempts");
  EXPECT_FALSE(hang_rate(rule, tally).runs);
}

TEST(StopRule, FirstHangIsEnoughWhenAsked) {
  const StopRule rule{100, true, {}};
  EXPECT_FALSE(enough(rule, tally_of(14, 0)));
  EXPECT_EQ(enough(rule, tally_of(15, 1)), "a hang in 15 runs");
  EXPECT_FALSE(enough({100, false, {}}, tally_of(15, 1)));
}

// Runs that hang in turn: the confidence sequence is that of the rate all the time.
Tally every_other(int runs) {
  Tally tally;
  for (int i = 0; i < runs; ++i) tally.add({Kind::counted, i % 2 == 1});
  return tally;
}

// The interval is a confidence sequence, since it is looked at after every run: without a hang it ends at
// 0.2003 after 23 runs and at 0.1935 after 24. Clopper and Pearson's would end at 0.195 after 17, and not
// hold.
TEST(StopRule, NarrowIntervalIsEnoughWhenAsked) {
  const StopRule rule{1000, false, 0.2};
  EXPECT_FALSE(enough(rule, tally_of(23, 0)));
  EXPECT_THAT(enough(rule, tally_of(24, 0)).value_or(""),
              HasSubstr("0 hangs in 24 runs: a rate of 0.00 to 0.19"));
  EXPECT_FALSE(enough(rule, every_other(250))) << "a rate near a half takes the most runs";
  EXPECT_TRUE(enough(rule, every_other(300)));
  EXPECT_FALSE(enough(rule, Tally{})) << "nothing is known of nothing";
}

TEST(StopRule, HangRateHasTheIntervalThatTheRuleAllows) {
  using stats::IntervalKind;
  const Tally tally = tally_of(15, 1);
  const stats::RateEstimate fixed = hang_rate({15, false, {}}, tally);
  EXPECT_EQ(fixed.kind, IntervalKind::exact);
  EXPECT_EQ(fixed.hits, 1);
  EXPECT_EQ(fixed.runs, 15);
  EXPECT_EQ(fixed.interval->high, stats::exact_interval(1, 15).high);

  const stats::RateEstimate watched = hang_rate({1000, false, 0.2}, tally);
  EXPECT_EQ(watched.kind, IntervalKind::sequence);
  EXPECT_EQ(watched.interval->high, tally.sequence.high);
  EXPECT_GT(watched.interval->high - watched.interval->low, fixed.interval->high - fixed.interval->low);

  EXPECT_EQ(hang_rate({1000, true, {}}, tally).kind, IntervalKind::none);
  EXPECT_FALSE(hang_rate({1000, true, {}}, tally).interval);
  EXPECT_EQ(hang_rate({1000, true, {}}, tally_of(1000, 0)).kind, IntervalKind::exact)
      << "it ended at its bound";
  Tally failed;
  failed.add({Kind::counted, false, true});
  EXPECT_EQ(hang_rate({3, false, {}, true}, failed).kind, IntervalKind::none);
  EXPECT_EQ(hang_rate({3, false, {}, true}, tally_of(3, 0)).kind, IntervalKind::exact);
}

TEST(StopRule, HostThatFailsThreeTimesInARowEndsIt) {
  const StopRule rule{100, false, {}};
  Tally tally;
  tally.add({Kind::host_trouble});
  tally.add({Kind::host_trouble});
  tally.add({});
  tally.add({Kind::host_trouble});
  tally.add({Kind::host_trouble});
  EXPECT_FALSE(enough(rule, tally));
  tally.add({Kind::host_trouble});
  EXPECT_THAT(enough(rule, tally).value_or(""), HasSubstr("3 times in a row"));
}

TEST(StopRule, InterruptedRunIsAnAttemptAndNeitherARunNorTheHostsTrouble) {
  Tally tally;
  tally.add({Kind::host_trouble, true});
  tally.add({Kind::interrupted, true});
  EXPECT_EQ(tally.attempts, 2);
  EXPECT_EQ(tally.runs, 0);
  EXPECT_EQ(tally.hangs, 0);
  EXPECT_EQ(tally.troubles_in_row, 1);
}

TEST(StopRule, FirstFailedRunIsEnoughWhenAsked) {
  Tally tally;
  tally.add({});
  StopRule rule{3, false, {}, true};
  EXPECT_FALSE(enough(rule, tally));
  tally.add({Kind::counted, false, true});
  EXPECT_EQ(enough(rule, tally), "a failed run in 2 runs");
  rule.until_fail = false;
  EXPECT_FALSE(enough(rule, tally));
}

}  // namespace
}  // namespace hangar::run
