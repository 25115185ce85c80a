// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/experiment/stop_rule.h"

namespace hangar::experiment {
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

TEST(StopRule, FirstHangIsEnoughWhenAsked) {
  const StopRule rule{100, true, {}};
  EXPECT_FALSE(enough(rule, tally_of(14, 0)));
  EXPECT_EQ(enough(rule, tally_of(15, 1)), "a hang in 15 runs");
  EXPECT_FALSE(enough({100, false, {}}, tally_of(15, 1)));
}

// The intervals are Clopper and Pearson's: 0 of 16 ends at 0.206, 0 of 17 at 0.195.
TEST(StopRule, NarrowIntervalIsEnoughWhenAsked) {
  const StopRule rule{1000, false, 0.2};
  EXPECT_FALSE(enough(rule, tally_of(16, 0)));
  EXPECT_THAT(enough(rule, tally_of(17, 0)).value_or(""), HasSubstr("0 hangs in 17 runs"));
  EXPECT_FALSE(enough(rule, tally_of(17, 17 / 2))) << "a rate near a half takes the most runs";
  EXPECT_TRUE(enough(rule, tally_of(104, 52)));
  EXPECT_FALSE(enough(rule, Tally{})) << "nothing is known of nothing";
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
}  // namespace hangar::experiment
