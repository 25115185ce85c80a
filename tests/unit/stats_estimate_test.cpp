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
}

TEST(Estimate, WithoutRunsNothingIsKnown) {
  EXPECT_EQ(exact_estimate(0, 0).interval->low, 0);
  EXPECT_EQ(exact_estimate(0, 0).interval->high, 1);
}

}  // namespace
}  // namespace hangar::stats
