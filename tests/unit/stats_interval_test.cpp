// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/stats/interval.h"
#include "tests/unit/stats_table.h"

namespace hangar::stats {
namespace {

// The largest difference from R that is accepted.
constexpr double tolerance = 1e-9;

// R's binom.test, for 1 to 100,000 runs. Sums of binomial terms in double precision, starting with (1 -
// rate)^runs, are wrong from about 130 runs on.
TEST(Interval, ExactIsThatOfR) {
  for (const TableRow& row : read_table("rates.tsv")) {
    const int hits = row.integer("hits");
    const int runs = row.integer("runs");
    const Interval interval = exact_interval(hits, runs);
    EXPECT_NEAR(interval.low, *row.number("exact_low"), tolerance) << hits << " of " << runs;
    EXPECT_NEAR(interval.high, *row.number("exact_high"), tolerance) << hits << " of " << runs;
  }
  EXPECT_EQ(exact_interval(0, 0).low, 0);
  EXPECT_EQ(exact_interval(0, 0).high, 1);
}

TEST(Interval, ScoreIsThatOfR) {
  for (const TableRow& row : read_table("rates.tsv")) {
    const int hits = row.integer("hits");
    const int runs = row.integer("runs");
    const Interval interval = score_interval(hits, runs);
    EXPECT_NEAR(interval.low, *row.number("score_low"), tolerance) << hits << " of " << runs;
    EXPECT_NEAR(interval.high, *row.number("score_high"), tolerance) << hits << " of " << runs;
  }
}

TEST(Interval, DifferenceIsNewcombes) {
  for (const TableRow& row : read_table("differences.tsv")) {
    const Interval interval = difference_interval(row.integer("hits1"), row.integer("runs1"),
                                                  row.integer("hits2"), row.integer("runs2"));
    EXPECT_NEAR(interval.low, *row.number("low"), tolerance);
    EXPECT_NEAR(interval.high, *row.number("high"), tolerance);
  }
  // Newcombe 1998, table II: 56 of 70 against 48 of 80.
  EXPECT_NEAR(difference_interval(56, 70, 48, 80).low, 0.0524, 5e-5);
  EXPECT_NEAR(difference_interval(56, 70, 48, 80).high, 0.3339, 5e-5);
  EXPECT_EQ(difference_interval(0, 0, 1, 2).low, -1);
  EXPECT_EQ(difference_interval(0, 0, 1, 2).high, 1);
}

void expect_sensible(Interval (*interval_of)(int, int), int runs, int step) {
  Interval before{-1, -1};
  for (int hits = 0; hits <= runs; hits += step) {
    const Interval interval = interval_of(hits, runs);
    const double rate = static_cast<double>(hits) / runs;
    ASSERT_LE(interval.low, rate) << hits << " of " << runs;
    ASSERT_GE(interval.high, rate) << hits << " of " << runs;
    ASSERT_GT(interval.high, before.high) << hits << " of " << runs;
    ASSERT_GT(interval.low, before.low) << hits << " of " << runs;
    before = interval;
  }
}

TEST(Interval, ContainsTheRateAndGrowsWithTheHits) {
  for (const int runs : {1, 2, 7, 129, 130, 400, 1100}) {
    expect_sensible(exact_interval, runs, 1);
    expect_sensible(score_interval, runs, 1);
  }
  expect_sensible(exact_interval, 100000, 997);
  expect_sensible(score_interval, 100000, 997);
}

}  // namespace
}  // namespace hangar::stats
