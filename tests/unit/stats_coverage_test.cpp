// SPDX-License-Identifier: GPL-2.0-only
// A small version of build/stats_coverage, which prints the figures.
#include <gmock/gmock.h>

#include "harness/stats/sequence.h"
#include "tests/coverage.h"

namespace hangar::coverage {
namespace {

constexpr double rounding = 1e-9;

TEST(Coverage, OfExactIntervalsIsAtLeast95PercentEverywhere) {
  for (const int runs : {5, 20, 100}) {
    const Coverage found = once(stats::exact_interval, runs, grid(50));
    EXPECT_GE(found.worst, 0.95 - rounding) << runs << " runs at " << found.worst_rate;
    EXPECT_LT(found.mean, runs < 20 ? 0.995 : 0.985) << runs << " runs: too wide";
  }
}

TEST(Coverage, OfConfidenceSequencesIsAtLeast95PercentWhenLookedAtAfterEveryRun) {
  for (const int runs : {5, 20, 150}) {
    const Coverage found = always(stats::sequence_interval, runs, grid(50));
    EXPECT_GE(found.worst, 0.95 - rounding) << runs << " runs at " << found.worst_rate;
  }
  EXPECT_LT(always(stats::sequence_interval, 150, grid(50)).worst, 0.985) << "too wide";
}

// The reason for confidence sequences, and a proof that always() can find a fault.
TEST(Coverage, OfExactIntervalsIsTooSmallWhenLookedAtAfterEveryRun) {
  EXPECT_LT(always(stats::exact_interval, 150, grid(50)).worst, 0.90);
}

TEST(Coverage, OfApproximateIntervalsIs95PercentOnAverage) {
  for (const int runs : {20, 100}) {
    const Coverage score = once(stats::score_interval, runs, grid(50));
    EXPECT_GE(score.mean, 0.94) << runs;
    EXPECT_LE(score.mean, 0.96) << runs;
    EXPECT_LT(score.worst, 0.95) << "not at every rate";
    for (const auto& interval : {newcombe_interval, score_difference_interval}) {
      const PairCoverage pairs = difference(interval, runs, grid(20), grid(20));
      EXPECT_GE(pairs.mean, 0.94) << runs;
      EXPECT_LE(pairs.mean, 0.96) << runs;
    }
  }
}

// 2,000 samples: a standard error of 0.005.
TEST(Coverage, OfMediansIs93To98PercentFrom20EndsOn) {
  for (const double shape : {1.0, 0.7}) {
    for (const double censored : {0.0, 0.25}) {
      const double covered = median({shape, censored, 20}, 2000, 19820301);
      EXPECT_GE(covered, 0.93) << shape << ", " << censored;
      EXPECT_LE(covered, 0.98) << shape << ", " << censored;
    }
  }
}

}  // namespace
}  // namespace hangar::coverage
