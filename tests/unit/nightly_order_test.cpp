// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/nightly/order.h"

namespace hangar::nightly {
namespace {

using testing::ElementsAre;

constexpr int rest = 7;

Candidate candidate(const std::string& scenario, bool suspected, bool changed, bool has_hung,
                    int waited = 1) {
  return {{"tree", scenario}, suspected, changed, has_hung, waited, 60};
}

std::vector<std::string> names_of(const std::vector<Planned>& all) {
  std::vector<std::string> names;
  for (const Planned& one : all) names.push_back(one.series.scenario);
  return names;
}

int runs_of(const std::vector<Planned>& all, const std::string& scenario) {
  for (const Planned& one : all) {
    if (one.series.scenario == scenario) return one.runs;
  }
  return 0;
}

TEST(Order, SuspicionsThenChangesThenTheRest) {
  const auto planned = plan({candidate("never", false, false, false), candidate("hung", false, false, true),
                             candidate("changed", false, true, false), candidate("both", false, true, true),
                             candidate("suspected", true, false, true)},
                            {5, 20}, rest, 1e6);
  EXPECT_THAT(names_of(planned), ElementsAre("suspected", "both", "changed", "hung", "never"));
}

TEST(Order, TheBudgetEndsThePlan) {
  const std::vector<Candidate> all = {candidate("a", false, true, true), candidate("b", false, true, true),
                                      candidate("c", false, false, false)};
  EXPECT_THAT(names_of(plan(all, {5, 20}, rest, 2 * 5 * 60)), ElementsAre("a", "b"));
  EXPECT_TRUE(plan(all, {5, 20}, rest, 299).empty());
}

TEST(Order, MoreRunsAreForSuspicions) {
  const auto planned =
      plan({candidate("a", true, false, true), candidate("b", false, true, true)}, {5, 20}, rest, 1e6);
  EXPECT_EQ(runs_of(planned, "a"), 20);
  EXPECT_EQ(runs_of(planned, "b"), 5);
  const auto small =
      plan({candidate("a", true, false, true), candidate("b", false, true, true)}, {5, 20}, rest, 13 * 60);
  EXPECT_EQ(runs_of(small, "a"), 8);
  EXPECT_EQ(runs_of(small, "b"), 5);
}

TEST(Order, WhatIsDueComesFirstAndLeavesHalf) {
  std::vector<Candidate> all = {candidate("suspected", true, true, true)};
  for (int i = 0; i < 10; ++i)
    all.push_back(candidate("due" + std::to_string(i), false, false, false, 8 + i));
  const auto planned = plan(all, {5, 5}, rest, 4 * 5 * 60);
  EXPECT_THAT(names_of(planned), ElementsAre("due9", "due8", "suspected"));
}

// A budget for 4 of 20 series: each runs within rest + 20 / 2 nights, although two are always suspected.
TEST(Order, NothingIsStarved) {
  constexpr int series = 20;
  std::vector<int> last(series, 0);
  int longest = 0;
  for (int night = 1; night <= 200; ++night) {
    std::vector<Candidate> all;
    for (int i = 0; i < series; ++i)
      all.push_back(candidate(std::to_string(i), i < 2, true, i < 10, night - last[i]));
    for (const std::string& name : names_of(plan(all, {5, 20}, rest, 4 * 5 * 60)))
      last[std::stoi(name)] = night;
    for (const int one : last) longest = std::max(longest, night - one);
  }
  EXPECT_LE(longest, rest + series / 2);
}

TEST(Order, RunsAreExpectedToTakeAsLongAsTheNewest) {
  EXPECT_EQ(expected_run_s({}, "a"), unknown_run_s);
  std::vector<Sample> history;
  history.push_back({{"tree", "a"}, 1, {}, {0, 4, 1}, 50, {}, {}});
  history.push_back({{"other", "b"}, 1, {}, {0, 5, 0}, 5000, {}, {}});
  EXPECT_EQ(expected_run_s(history, "a"), 10) << "excluded runs take time too";
}

}  // namespace
}  // namespace hangar::nightly
