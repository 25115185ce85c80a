// SPDX-License-Identifier: GPL-2.0-only
// Symmetries: what must not matter, or must matter in a known way, over made-up data with a fixed seed.
#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "harness/stats/cluster.h"
#include "harness/stats/factorial.h"
#include "harness/stats/sequence.h"
#include "harness/stats/survival.h"

namespace hangar::stats {
namespace {

using Random = std::mt19937;
constexpr double tolerance = 1e-9;

int below(Random& random, int limit) {
  return static_cast<int>(random() % static_cast<unsigned>(limit));
}

std::vector<Duration> some_durations(Random& random) {
  std::vector<Duration> durations(static_cast<size_t>(1 + below(random, 20)));
  for (Duration& one : durations) one = {1.0 + below(random, 30), below(random, 3) == 0};
  return durations;
}

std::vector<Group> some_groups(Random& random) {
  std::vector<Group> groups(static_cast<size_t>(2 + below(random, 4)));
  for (Group& group : groups) {
    group.runs = 1 + below(random, 6);
    group.hits = below(random, group.runs + 1);
  }
  return groups;
}

TEST(StatsProperty, CountingTheMissesMirrorsAnInterval) {
  for (int runs = 1; runs <= 30; ++runs) {
    for (int hits = 0; hits <= runs; ++hits) {
      for (const auto interval : {exact_interval, score_interval, sequence_interval}) {
        const Interval of_hits = interval(hits, runs);
        const Interval of_misses = interval(runs - hits, runs);
        EXPECT_NEAR(of_hits.low, 1 - of_misses.high, 1e-7) << hits << " of " << runs;
        EXPECT_NEAR(of_hits.high, 1 - of_misses.low, 1e-7) << hits << " of " << runs;
      }
    }
  }
}

TEST(StatsProperty, SwappingTheSidesNegatesADifference) {
  for (int hits = 0; hits <= 7; ++hits) {
    for (int other = 0; other <= 9; ++other) {
      const Interval one = difference_interval(hits, 7, other, 9);
      const Interval swapped = difference_interval(other, 9, hits, 7);
      EXPECT_NEAR(one.low, -swapped.high, tolerance);
      EXPECT_NEAR(one.high, -swapped.low, tolerance);
      EXPECT_LE(one.low, hits / 7.0 - other / 9.0 + tolerance);
      EXPECT_GE(one.high, hits / 7.0 - other / 9.0 - tolerance);
    }
  }
}

TEST(StatsProperty, TheOrderAndTheUnitOfDurationsDoNotMatter) {
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    const auto durations = some_durations(random);
    auto scaled = durations;
    std::shuffle(scaled.begin(), scaled.end(), random);
    for (Duration& one : scaled) one.seconds *= 8;
    const Quantile median = quantile(survival(durations));
    const Quantile of_scaled = quantile(survival(scaled));
    EXPECT_EQ(of_scaled.seconds.value_or(-8), 8 * median.seconds.value_or(-1));
    EXPECT_EQ(of_scaled.low.value_or(-8), 8 * median.low.value_or(-1));
    EXPECT_EQ(of_scaled.high.value_or(-8), 8 * median.high.value_or(-1));
  }
}

TEST(StatsProperty, TheCurveFallsWithinItsLimits) {
  Random random(2);
  for (int i = 0; i < 300; ++i) {
    double alive = 1;
    double seconds = 0;
    for (const SurvivalStep& step : survival(some_durations(random)).steps) {
      EXPECT_LT(step.alive, alive);
      EXPECT_GT(step.seconds, seconds);
      alive = step.alive;
      seconds = step.seconds;
      EXPECT_EQ(step.interval.has_value(), step.alive > 0);
      if (!step.interval) continue;
      EXPECT_LE(step.interval->low, step.alive);
      EXPECT_GE(step.interval->high, step.alive);
    }
  }
}

// A hang whose end was not seen can only move the median up.
TEST(StatsProperty, CensoringNeverLowersTheMedian) {
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    auto durations = some_durations(random);
    const Quantile before = quantile(survival(durations));
    durations[static_cast<size_t>(below(random, static_cast<int>(durations.size())))].censored = true;
    const Quantile after = quantile(survival(durations));
    if (!after.seconds) continue;
    ASSERT_TRUE(before.seconds);
    EXPECT_GE(*after.seconds, *before.seconds);
  }
}

TEST(StatsProperty, TheOrderOfGroupsDoesNotMatter) {
  Random random(4);
  for (int i = 0; i < 200; ++i) {
    const auto groups = some_groups(random);
    auto shuffled = groups;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    EXPECT_NEAR(homogeneity(groups).p, homogeneity(shuffled).p, 1e-7);
    EXPECT_NEAR(cluster_interval(groups).low, cluster_interval(shuffled).low, tolerance);
    EXPECT_NEAR(cluster_interval(groups).high, cluster_interval(shuffled).high, tolerance);
  }
}

// A switch whose settings are renamed to their opposites has the opposite effect.
TEST(StatsProperty, TurningASwitchRoundNegatesItsEffect) {
  Random random(5);
  for (int i = 0; i < 200; ++i) {
    std::vector<SettingTally> tallies;
    for (const std::uint32_t mask : sixteen_settings(4)) {
      const int runs = 1 + below(random, 5);
      tallies.push_back({mask, runs, below(random, runs + 1)});
    }
    auto turned = tallies;
    for (SettingTally& one : turned) one.mask ^= 2U;
    EXPECT_NEAR(effect_of(1, tallies).difference, -effect_of(1, turned).difference, tolerance);
    EXPECT_NEAR(effect_of(1, tallies).interval.low, -effect_of(1, turned).interval.high, tolerance);
    EXPECT_NEAR(effect_of(0, tallies).difference, effect_of(0, turned).difference, tolerance);
  }
}

}  // namespace
}  // namespace hangar::stats
