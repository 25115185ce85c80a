// SPDX-License-Identifier: GPL-2.0-only
// A small version of build/compare_errors: few trials with a fixed seed. A share fails if it has a
// probability below 1/1000 with the error rate that is promised.
#include <set>

#include <gmock/gmock.h>

#include "tests/error_rates.h"

namespace hangar::errors {
namespace {

constexpr double one_sided = 0.025;

TEST(CompareErrors, AnImprobableShareIsFound) {
  EXPECT_FALSE(is_above({0, 10}, 0));
  EXPECT_TRUE(is_above({1, 10}, 0));
  EXPECT_FALSE(is_above({10, 200}, 0.05));
  EXPECT_TRUE(is_above({25, 200}, 0.05));
}

// Else there would be no false answers because nothing is asked.
TEST(CompareErrors, SimulatedArmsAreAskedAboutEverything) {
  Random random(1);
  std::set<compare::What> asked;
  for (const auto& question :
       compare::compare_arms(drawn_arms(equal_rates(0.5, 40, 40, 1), random)).questions)
    asked.insert(question.what);
  EXPECT_EQ(asked.size(), words_of<compare::What>.size());
  EXPECT_GE(compared(shifted(equal_rates(0.1, 40, 40, 1), 0.6), 20, random).primary.value(), 0.9);
}

TEST(CompareErrors, EqualKernelsSeldomDiffer) {
  Random random(2);
  for (const Design& design : {equal_rates(0.02, 20, 20, 3), equal_rates(0.1, 15, 45, 1),
                               equal_rates(0.5, 40, 40, 1), unequal_shares(0.1), drifting(20, 1)}) {
    const FalseAnswers found = compared(design, 40, random);
    EXPECT_FALSE(is_above(found.primary, compare::answered_p)) << found.primary.value();
    EXPECT_FALSE(is_above(found.exploratory, compare::answered_p)) << found.exploratory.value();
  }
}

// Saved guests that hang at a rate of 0.1 or 0.9: the guests are the units.
TEST(CompareErrors, EqualKernelsSeldomDifferIfTheirSavedGuestsDo) {
  Random random(6);
  const Design design = differing_guests(40, 8, 2);
  const FalseAnswers found = compared(design, 25, random);
  EXPECT_FALSE(is_above(found.primary, compare::answered_p)) << found.primary.value();
  const auto margin = compared_with_margin(design, 0.1, 25, random);
  EXPECT_FALSE(is_above(margin.worse, one_sided)) << margin.worse.value();
}

TEST(CompareErrors, AMarginIsSeldomShownByChance) {
  constexpr double margin = 0.1;
  Random random(3);
  for (const double rate : {0.0, 0.1, 0.5}) {
    const Design equal = equal_rates(rate, 40, 40, 1);
    const auto at_margin = compared_with_margin(shifted(equal, margin), margin, 300, random);
    EXPECT_FALSE(is_above(at_margin.no_worse, one_sided)) << rate << ": " << at_margin.no_worse.value();
    const auto of_equal = compared_with_margin(equal, margin, 300, random);
    EXPECT_FALSE(is_above(of_equal.worse, one_sided)) << rate << ": " << of_equal.worse.value();
  }
  const auto better = compared_with_margin(shifted(equal_rates(0.5, 40, 40, 1), -0.5), margin, 20, random);
  EXPECT_EQ(better.no_worse.answers, 20);
}

TEST(CompareErrors, EqualKernelsSeldomDifferAfterAnyPair) {
  Random random(4);
  for (const Design& design : {equal_rates(0.1, 60, 60, 1), equal_rates(0.5, 20, 20, 3), drifting(60, 1)}) {
    const Share found = answered_within(pairs_needed(design, 500, random), 60);
    EXPECT_FALSE(is_above(found, compare::answered_p)) << found.value();
  }
}

// One answers for comparisons of growing arms, the other for the test of pairs alone.
TEST(CompareErrors, ComparisonsAfterEachPairStopWhereTheTestDoes) {
  Random random(5);
  for (const Design& design : {shifted(equal_rates(0.1, 30, 30, 1), 0.6),
                               shifted(equal_rates(0.1, 10, 10, 3), 0.7), equal_rates(0.2, 10, 10, 1)}) {
    const auto pairs = drawn_pairs(design, random);
    EXPECT_EQ(pairs_until_answer(pairs), pairs_until_compared(pairs));
  }
  EXPECT_EQ(answered_within({3, 5, 9, 9}, 8).answers, 2);
  EXPECT_EQ(mean_pairs({3, 5, 9, 9}, 8), 6);
}

}  // namespace
}  // namespace hangar::errors
