// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/stats/estimate.h"

namespace hangar::stats {
namespace {

TEST(Estimate, TextSaysWhichIntervalItIs) {
  EXPECT_EQ(rate_text(exact_estimate(3, 20)), "3 of 20 runs (95% interval 0.03 to 0.38)");
  EXPECT_EQ(rate_text({3, 20, IntervalKind::sequence, Interval{0.01, 0.48}}),
            "3 of 20 runs (95% confidence sequence 0.01 to 0.48)");
  EXPECT_EQ(rate_text({1, 7, IntervalKind::none, std::nullopt}),
            "1 of 7 runs (no interval: the runs stopped at a hang or a failure)");
}

TEST(Estimate, KindsHaveTheNamesOfTheJson) {
  EXPECT_EQ(to_string(IntervalKind::exact), "exact");
  EXPECT_EQ(to_string(IntervalKind::sequence), "sequence");
  EXPECT_EQ(to_string(IntervalKind::none), "none");
  EXPECT_EQ(to_string(IntervalKind::groups), "by-boot");
}

TEST(Estimate, WithoutRunsNothingIsKnown) {
  EXPECT_EQ(exact_estimate(0, 0).interval->low, 0);
  EXPECT_EQ(exact_estimate(0, 0).interval->high, 1);
}

// Three guests that always hang and two that never do.
TEST(Estimate, GroupsThatDifferAreTheUnits) {
  const std::vector<Group> groups = {{6, 6}, {6, 6}, {6, 6}, {0, 6}, {0, 6}};
  const RateEstimate plain = exact_estimate(18, 30);
  const RateEstimate rate = by_groups(plain, groups);
  EXPECT_EQ(rate.kind, IntervalKind::groups);
  EXPECT_LT(rate.interval->low, plain.interval->low);
  EXPECT_GT(rate.interval->high, plain.interval->high);
  EXPECT_EQ(rate_text(rate).substr(0, 34), "18 of 30 runs (95% interval by boo");
}

TEST(Estimate, GroupsThatAgreeChangeNothing) {
  const RateEstimate rate = by_groups(exact_estimate(15, 20), {{3, 4}, {3, 4}, {3, 4}, {3, 4}, {3, 4}});
  EXPECT_EQ(rate.kind, IntervalKind::exact);
  EXPECT_EQ(rate.interval->low, exact_interval(15, 20).low);
  const RateEstimate stopped{1, 12, IntervalKind::none, std::nullopt};
  EXPECT_EQ(by_groups(stopped, {{1, 6}, {0, 6}}).kind, IntervalKind::none);
}

// The sequence is wider than the interval by groups may be: what holds at every look stays covered.
TEST(Estimate, GroupsNeverNarrowASequence) {
  const RateEstimate rate = by_groups({18, 30, IntervalKind::sequence, Interval{0.01, 0.99}},
                                      {{6, 6}, {6, 6}, {6, 6}, {0, 6}, {0, 6}});
  EXPECT_EQ(rate.kind, IntervalKind::groups);
  EXPECT_LE(rate.interval->low, 0.01);
  EXPECT_GE(rate.interval->high, 0.99);
}

}  // namespace
}  // namespace hangar::stats
