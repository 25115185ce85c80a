// SPDX-License-Identifier: GPL-2.0-only
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>

#include "harness/bisect/model.h"
#include "harness/bisect/rates.h"

namespace hangar::bisect {
namespace {

double sum_of(const Belief& belief) {
  return std::accumulate(belief.begin(), belief.end(), 0.0,
                         [](double sum, const Hypothesis& one) { return sum + one.probability; });
}

TEST(Model, PriorsAreProbabilities) {
  double pairs = 0;
  for (std::size_t i = 0; i < bad_rates.size(); ++i) {
    for (std::size_t j = 0; j < good_rates.size(); ++j) {
      pairs += rate_prior().pair[i][j];
      EXPECT_TRUE(good_rates[j] < bad_rates[i] || rate_prior().pair[i][j] == 0) << "the bad rate is higher";
    }
  }
  EXPECT_NEAR(pairs, 1, 1e-12);
  const auto& alarms = rate_prior().false_alarms;
  EXPECT_NEAR(std::accumulate(alarms.begin(), alarms.end(), 0.0), 1, 1e-12);
  const auto found = prior(5, {0, 1, 3, 0, 4});
  EXPECT_NEAR(std::accumulate(found.begin(), found.end(), 0.0), 1, 1e-12);
  EXPECT_NEAR(found[2], 3 * found[1], 1e-12);
  EXPECT_EQ(found[3], 0);
}

TEST(Model, WithoutRunsTheBeliefIsThePrior) {
  const auto expected = prior(4, {});
  const Belief belief = believe(expected, std::vector<Counts>(4), {});
  for (std::size_t i = 0; i < belief.size(); ++i) EXPECT_NEAR(belief[i].probability, expected[i], 1e-12);
}

// The sum over the grid, computed without any scaling.
TEST(Model, LikelihoodIsTheMeanOverTheRates) {
  const Counts bad{3, 4};
  const Counts good{1, 9};
  double expected = 0;
  for (std::size_t i = 0; i < bad_rates.size(); ++i) {
    const double of_bad = std::pow(bad_rates[i], 3) * std::pow(1 - bad_rates[i], 4);
    for (std::size_t j = 0; j < good_rates.size(); ++j) {
      const double of_good = good_rates[j] * std::pow(1 - good_rates[j], 9);
      expected += rate_prior().pair[i][j] * of_bad * of_good;
    }
  }
  EXPECT_NEAR(likelihood(bad, good).log, std::log(expected), 1e-9);
}

TEST(Model, RatesFollowTheRuns) {
  const Likelihood found = likelihood({60, 140}, {4, 196});
  EXPECT_NEAR(found.bad.rate, 0.3, 0.05);
  EXPECT_NEAR(found.good.rate, 0.02, 0.01);
  EXPECT_NEAR(not_reproduced_likelihood({0, 1000}).good.rate, 0, 0.002);
}

TEST(Model, ManyRunsNeitherOverflowNorUnderflow) {
  const Belief belief = believe(prior(3, {}), {{50000, 50000}, {40000, 100}, {40000, 0}}, {50000, 50000});
  EXPECT_NEAR(sum_of(belief), 1, 1e-9);
  EXPECT_TRUE(std::isfinite(likelihood({0, 100000}, {100000, 0}).log));
}

TEST(Model, HitsOfTheGoodEndMeanNoChange) {
  // Revision 0 hit in 5 of 10 runs, and so did the bad end.
  const Belief belief = believe(prior(3, {}), {{10, 10}, {5, 5}, {5, 5}}, {10, 10});
  EXPECT_GT(belief[0].probability, 0.95);
}

TEST(Model, ExcludedHypothesesStayExcluded) {
  std::vector<double> only(4, 0);
  EXPECT_EQ(sum_of(believe(only, std::vector<Counts>(3), {})), 0);
  only[2] = 0.1;
  EXPECT_EQ(believe(only, {{1, 0}, {1, 0}, {0, 0}}, {1, 0})[2].probability, 1);
}

}  // namespace
}  // namespace hangar::bisect
