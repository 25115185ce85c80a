// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <gmock/gmock.h>

#include "harness/bisect/choose.h"
#include "harness/bisect/gain.h"

namespace hangar::bisect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int size = 65;

// The bad end hit in 8 of 8 runs, and the good end in none of 8.
Belief deterministic() {
  std::vector<Counts> bad(size, {8, 0});
  bad[0] = {8, 8};
  return believe(prior(size, {}), bad, {8, 8});
}

std::vector<bool> all_testable() {
  return std::vector<bool>(size, true);
}

TEST(Choose, HalvesTheRangeOfADeterministicBug) {
  const auto chosen = choose(Graph::chain(size), deterministic(), {}, all_testable(), 1, 1);
  ASSERT_EQ(chosen.size(), 1u);
  EXPECT_NEAR(chosen[0], 32, 3);
}

TEST(Choose, SeveralPointsDivideTheRange) {
  auto chosen = choose(Graph::chain(size), deterministic(), {}, all_testable(), 3, 1);
  std::sort(chosen.begin(), chosen.end());
  ASSERT_EQ(chosen.size(), 3u);
  EXPECT_NEAR(chosen[0], 16, 5);
  EXPECT_NEAR(chosen[1], 32, 5);
  EXPECT_NEAR(chosen[2], 48, 5);
  EXPECT_EQ(choose(Graph::chain(size), deterministic(), {}, all_testable(), 20, 1).size(), 20u);
}

TEST(Choose, NeverASkippedRevision) {
  std::vector<bool> testable(size, false);
  EXPECT_THAT(choose(Graph::chain(size), deterministic(), {}, testable, 2, 1), IsEmpty());
  testable[9] = true;
  EXPECT_THAT(choose(Graph::chain(size), deterministic(), {}, testable, 2, 1), ElementsAre(9, 9));
}

// Revision 20 exists, the others have to be built.
TEST(Choose, ABuildHasToBeWorthItsTime) {
  const auto with_builds_of = [](double build_s) {
    Costs costs{std::vector<double>(size, build_s), 1};
    costs.build_s[20] = 0;
    return choose(Graph::chain(size), deterministic(), costs, all_testable(), 1, 1).at(0);
  };
  EXPECT_NEAR(with_builds_of(0.001), 32, 3);
  EXPECT_EQ(with_builds_of(100), 20);
}

// What is learned about 20 first is of less use for the second point, and a build is worthwhile.
TEST(Choose, LaterPointsKnowTheEarlierOnes) {
  Costs costs{std::vector<double>(size, 1.0), 1};
  costs.build_s[20] = 0;
  const auto chosen = choose(Graph::chain(size), deterministic(), costs, all_testable(), 2, 1);
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_NE(chosen[0], chosen[1]);
}

TEST(Choose, TheSeedDecidesTies) {
  const auto chosen = [](std::uint64_t seed) {
    return choose(Graph::chain(size), deterministic(), {}, all_testable(), 4, seed);
  };
  EXPECT_EQ(chosen(5), chosen(5));
}

TEST(Gain, ApproachesItsLimit) {
  const Gain gain{0.1, 0.5, 0.5};
  EXPECT_NEAR(gain.of(1), 0.1, 1e-12);
  EXPECT_LT(gain.of(5), 0.5);
  EXPECT_NEAR(gain.of(1000), 0.5, 1e-9);
  EXPECT_EQ((Gain{0, 0, 0}).of(5), 0);
}

TEST(Gain, NothingIsLearnedWhereTheOutcomeIsKnown) {
  Belief certain(size + 1);
  for (Hypothesis& one : certain) one.bad.noise = one.good.noise = 0.6931471805599453;
  certain[7].probability = 1;
  for (const Gain& gain : gains(Graph::chain(size), certain)) EXPECT_NEAR(gain.per_run, 0, 1e-9);
}

}  // namespace
}  // namespace hangar::bisect
