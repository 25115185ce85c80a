// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>

#include "harness/stats/sequence.h"
#include "tests/unit/stats_table.h"

namespace hangar::stats {
namespace {

TEST(Sequence, ContainsTheRateAndGrowsWithTheHits) {
  for (const int runs : {1, 2, 7, 130, 1000, 100000}) {
    Interval before{-1, -1};
    for (int hits = 0; hits <= runs; hits += runs > 1000 ? 997 : 1) {
      const Interval interval = sequence_interval(hits, runs);
      const double rate = static_cast<double>(hits) / runs;
      ASSERT_LE(interval.low, rate) << hits << " of " << runs;
      ASSERT_GE(interval.high, rate) << hits << " of " << runs;
      ASSERT_GE(interval.low, before.low) << hits << " of " << runs;
      ASSERT_GE(interval.high, before.high) << hits << " of " << runs;
      before = interval;
    }
  }
  EXPECT_EQ(sequence_interval(0, 0).low, 0);
  EXPECT_EQ(sequence_interval(0, 0).high, 1);
}

// R finds the limits by itself, on the logits. Relative to the distance from 0 and from 1, which may be
// small.
TEST(Sequence, IsThatOfR) {
  const auto near = [](double found, double expected) {
    const double distance = std::min(expected, 1 - expected);
    return std::abs(found - expected) <= 1e-8 * distance + 1e-12;
  };
  for (const TableRow& row : read_table("sequence.tsv")) {
    const Interval interval = sequence_interval(row.integer("hits"), row.integer("runs"));
    EXPECT_PRED2(near, interval.low, *row.number("low")) << row.text("hits") << " of " << row.text("runs");
    EXPECT_PRED2(near, interval.high, *row.number("high")) << row.text("hits") << " of " << row.text("runs");
  }
}

// At a limit the likelihood is a twentieth of the mixture's. Without a hit and after one run that is
// (1 - p) = 0.05 B(1/2, 3/2) / B(1/2, 1/2) = 0.025.
TEST(Sequence, LimitsAreWhereTheMartingaleReachesTwenty) {
  EXPECT_NEAR(sequence_interval(0, 1).high, 0.975, 1e-9);
  EXPECT_NEAR(sequence_interval(1, 1).low, 0.025, 1e-9);
  const auto martingale = [](int hits, int runs, double rate) {
    const double log_beta =
        std::lgamma(hits + 0.5) + std::lgamma(runs - hits + 0.5) - std::lgamma(runs + 1.0);
    return std::exp(log_beta - std::log(M_PI) - hits * std::log(rate) - (runs - hits) * std::log1p(-rate));
  };
  for (const auto& [hits, runs] :
       {std::pair(1, 2), {3, 10}, {17, 20}, {360, 400}, {999, 1000}, {5000, 10000}}) {
    const Interval interval = sequence_interval(hits, runs);
    EXPECT_NEAR(martingale(hits, runs, interval.low), 20, 1e-4) << hits << " of " << runs;
    EXPECT_NEAR(martingale(hits, runs, interval.high), 20, 1e-4) << hits << " of " << runs;
  }
}

TEST(Sequence, IsWiderThanTheExactInterval) {
  for (const int runs : {5, 20, 100, 1000}) {
    for (int hits = 0; hits <= runs; ++hits) {
      EXPECT_LE(sequence_interval(hits, runs).low, exact_interval(hits, runs).low) << hits << " of " << runs;
      EXPECT_GE(sequence_interval(hits, runs).high, exact_interval(hits, runs).high)
          << hits << " of " << runs;
    }
  }
}

TEST(Sequence, TheIntersectionNeverGrows) {
  Interval interval;
  for (int runs = 1; runs <= 200; ++runs) {
    const Interval next = next_in_sequence(interval, runs / 3, runs);
    EXPECT_GE(next.low, interval.low);
    EXPECT_LE(next.high, interval.high);
    interval = next;
  }
  EXPECT_LT(interval.high - interval.low, 0.25);
}

// 300 runs without a hang and then only hangs: a rate that changed while it was measured.
TEST(Sequence, RestartsWhenTheRateChanged) {
  Interval interval;
  for (int runs = 1; runs <= 300; ++runs) interval = next_in_sequence(interval, 0, runs);
  EXPECT_LT(interval.high, 0.03);
  for (int runs = 301; runs <= 600; ++runs) interval = next_in_sequence(interval, runs - 300, runs);
  EXPECT_LE(interval.low, interval.high);
  EXPECT_GT(interval.low, 0.3);
}

}  // namespace
}  // namespace hangar::stats
