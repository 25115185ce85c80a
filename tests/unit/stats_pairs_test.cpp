// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "harness/stats/pairs.h"

namespace hangar::stats {
namespace {

std::vector<RunPair> drawn(unsigned seed, int pairs, double first, double second) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform;
  std::vector<RunPair> all;
  for (int i = 0; i < pairs; ++i) {
    const bool first_hit = uniform(random) < first;
    all.push_back({first_hit, uniform(random) < second, 0});
  }
  return all;
}

// The share of so many trials in which `rejects` holds.
template <typename Rejects>
double share(int trials, int pairs, double first, double second, Rejects&& rejects) {
  int count = 0;
  for (int i = 0; i < trials; ++i)
    count += rejects(drawn(static_cast<unsigned>(i), pairs, first, second)) ? 1 : 0;
  return static_cast<double>(count) / trials;
}

// The p value is the smallest of all looks, so that one look at the end sees every false alarm.
TEST(Pairs, EqualRatesAreSeldomFoundToDifferAtAnyLook) {
  const auto alarm = [](const std::vector<RunPair>& pairs) { return equal_rates_p(pairs) <= 0.05; };
  for (const double rate : {0.0, 0.02, 0.1, 0.5, 0.9, 1.0})
    EXPECT_LE(share(1000, 150, rate, rate, alarm), 0.05) << rate;
}

TEST(Pairs, AWorseRateIsSeldomShownToBeNoWorse) {
  const auto alarm = [](const std::vector<RunPair>& pairs) { return not_worse_p(pairs, 0.1) <= 0.05; };
  for (const double rate : {0.0, 0.1, 0.5, 0.9})
    EXPECT_LE(share(400, 150, rate, rate + 0.1, alarm), 0.05) << rate;
}

TEST(Pairs, TheSequenceHasTheTrueDifference) {
  const auto missed = [](double difference) {
    return [difference](const std::vector<RunPair>& pairs) {
      const Interval interval = difference_sequence(pairs);
      return interval.low > difference || interval.high < difference;
    };
  };
  EXPECT_LE(share(200, 60, 0.3, 0.3, missed(0)), 0.05);
  EXPECT_LE(share(200, 60, 0.1, 0.6, missed(0.5)), 0.05);
}

TEST(Pairs, DifferencesAreFound) {
  const auto found = [](const std::vector<RunPair>& pairs) { return equal_rates_p(pairs) <= 0.05; };
  EXPECT_GE(share(200, 60, 0.1, 0.6, found), 0.9);
  EXPECT_GE(share(200, 30, 0, 1, found), 1.0);
  const auto shown = [](const std::vector<RunPair>& pairs) { return not_worse_p(pairs, 0.1) <= 0.05; };
  EXPECT_GE(share(200, 150, 0, 0, shown), 1.0);
  EXPECT_GE(share(100, 150, 0.6, 0.1, shown), 0.9);
}

TEST(Pairs, NothingIsKnownWithoutRuns) {
  EXPECT_EQ(equal_rates_p({}), 1);
  EXPECT_EQ(not_worse_p({}, 0.1), 1);
  EXPECT_EQ(difference_sequence({}).low, -1);
  EXPECT_EQ(difference_sequence({}).high, 1);
}

// Two strata of other rates: bets on their mixture would be lost.
TEST(Pairs, StrataHaveTheirOwnRates) {
  std::vector<RunPair> equal;
  std::vector<RunPair> better;
  for (int i = 0; i < 60; ++i) {
    equal.push_back({i % 2 == 0, i % 2 == 0, i % 2});
    better.push_back({i % 2 == 0, false, i % 2});
  }
  EXPECT_GT(equal_rates_p(equal), 0.5);
  EXPECT_LT(equal_rates_p(better), 1e-4);
}

// By hand: the first bet is on 1/2 each and wins nothing; the second is on 1/4 and 3/4 after (miss, hit).
TEST(Pairs, WealthIsThatOfTheFormula) {
  EXPECT_NEAR(equal_rates_p({{false, true, 0}}), 1, 1e-12);
  EXPECT_NEAR(equal_rates_p({{false, true, 0}, {false, true, 0}}), 0.25 / (0.75 * 0.75), 1e-12);
}

TEST(Pairs, ExpectedRatesThatAreWrongCauseNoAlarms) {
  for (const double rate : {0.02, 0.1, 0.5, 0.95}) {
    for (const ExpectedRates& expected : {ExpectedRates{0.02, 0.9, 8}, ExpectedRates{0.9, 0.5, 8}}) {
      const auto alarm = [&](const std::vector<RunPair>& pairs) {
        return equal_rates_p(pairs, expected) <= 0.05;
      };
      EXPECT_LE(share(2000, 100, rate, rate, alarm), 0.05 + 0.01) << rate;
    }
  }
}

TEST(Pairs, ExpectedRatesThatAreRightFindADifferenceSooner) {
  const auto with = [](const ExpectedRates& expected) {
    return share(500, 20, 0.02, 0.5,
                 [&](const std::vector<RunPair>& pairs) { return equal_rates_p(pairs, expected) <= 1e-3; });
  };
  EXPECT_GT(with({0.02, 0.5, 8}), with({}) + 0.05);
}

}  // namespace
}  // namespace hangar::stats
