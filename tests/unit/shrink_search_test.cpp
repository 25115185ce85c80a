// SPDX-License-Identifier: GPL-2.0-only
// Planted pairs and triples of steps, in simulation.
#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/shrink/search.h"

namespace hangar::shrink {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::SizeIs;

struct Planted {
  int steps = 6;
  Kept needed;  // a run of these, in this order among others, hits
  double rate = 1;
  double false_alarms = 0;
};

bool has_all(const Kept& kept, const Kept& needed) {
  return std::includes(kept.begin(), kept.end(), needed.begin(), needed.end());
}

Search search_for(const Planted& planted, std::uint64_t seed, Options options = {}) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> share(0, 1);
  Search search(planted.steps, options);
  while (const auto next = search.next()) {
    const double rate = has_all(next->kept, planted.needed) ? planted.rate : planted.false_alarms;
    search.add(share(random) < rate ? Seen::hit : Seen::miss);
  }
  return search;
}

Kept any_steps(std::size_t count, int of, std::mt19937_64& random) {
  Kept all;
  for (int i = 0; i < of; ++i) all.push_back(i);
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random() % i]);
  all.resize(count);
  std::sort(all.begin(), all.end());
  return all;
}

struct Row {
  int right = 0;
  double runs = 0;
};

Row simulate(Planted planted, std::size_t needed, int trials) {
  std::mt19937_64 random(20261130);
  Row row;
  for (int trial = 0; trial < trials; ++trial) {
    planted.needed = any_steps(needed, planted.steps, random);
    const Search search = search_for(planted, random());
    row.right += search.answer() == Answer::found && search.result() == planted.needed ? 1 : 0;
    row.runs += static_cast<double>(search.runs()) / trials;
  }
  return row;
}

// The target is 95% at each row. 300 trials have a standard error of 1.3%.
TEST(ShrinkSearch, FindsPlantedStepsInNineteenOfTwentyTrials) {
  constexpr int trials = 300;
  constexpr double least = 0.95 - 2 * 0.013;
  fmt::print("steps needed rate false-alarms right runs\n");
  for (const int steps : {6, 12}) {
    for (const std::size_t needed : {2, 3}) {
      for (const double rate : {0.3, 0.6, 1.0}) {
        for (const double false_alarms : {0.0, 0.02}) {
          const Row row = simulate({steps, {}, rate, false_alarms}, needed, trials);
          fmt::print("{:5} {:6} {:4} {:12} {:5.1f}% {:.0f}\n", steps, needed, rate, false_alarms,
                     100.0 * row.right / trials, row.runs);
          EXPECT_GE(row.right, least * trials);
        }
      }
    }
  }
}

TEST(ShrinkSearch, APlantedPairTakesAFewDozenRuns) {
  const Search search = search_for({6, {1, 4}, 1, 0}, 1);
  EXPECT_EQ(search.answer(), Answer::found);
  EXPECT_THAT(search.result(), ElementsAre(1, 4));
  EXPECT_LT(search.runs(), 60);
  const auto confirmed = search.confirmation();
  ASSERT_THAT(confirmed, SizeIs(3));
  EXPECT_THAT(confirmed[0].kept, ElementsAre(1, 4));
  EXPECT_EQ(confirmed[0].holds, true);
  EXPECT_THAT(confirmed[1].kept, ElementsAre(4));
  EXPECT_EQ(confirmed[1].holds, false);
  EXPECT_THAT(confirmed[2].kept, ElementsAre(1));
}

TEST(ShrinkSearch, AHigherStatedRateTakesFewerRuns) {
  Options options;
  options.rate = 0.9;
  const Search high = search_for({6, {1, 4}, 1, 0}, 1, options);
  EXPECT_EQ(high.answer(), Answer::found);
  EXPECT_LT(high.runs(), search_for({6, {1, 4}, 1, 0}, 1).runs());
}

TEST(ShrinkSearch, OneStepAndAllSteps) {
  const Search one = search_for({6, {3}, 1, 0}, 1);
  EXPECT_EQ(one.answer(), Answer::found);
  EXPECT_THAT(one.result(), ElementsAre(3));
  EXPECT_THAT(one.confirmation(), SizeIs(1));
  const Search all = search_for({4, {0, 1, 2, 3}, 1, 0}, 1);
  EXPECT_EQ(all.answer(), Answer::found);
  EXPECT_THAT(all.result(), SizeIs(4));
}

TEST(ShrinkSearch, WhatNeverHitsIsNotReproduced) {
  EXPECT_EQ(search_for({6, {1}, 0, 0}, 1).answer(), Answer::not_reproduced);
  Options options;
  options.rate = 0.5;
  const Search rare = search_for({6, {1, 2}, 0.02, 0}, 1, options);
  EXPECT_EQ(rare.answer(), Answer::not_reproduced);
  EXPECT_LT(rare.runs(), 30);
}

TEST(ShrinkSearch, NoMoreRunsThanTheLimit) {
  Options options;
  options.max_runs = 12;
  const Search search = search_for({6, {1, 4}, 1, 0}, 1, options);
  EXPECT_EQ(search.runs(), 12);
  EXPECT_EQ(search.answer(), Answer::undecided);
  EXPECT_FALSE(search.next());
  EXPECT_TRUE(has_all(search.result(), {1, 4}));
}

// A batch has no run that the decision does not need.
TEST(ShrinkSearch, BatchesEndWithTheDecision) {
  Search search(6, {});
  std::mt19937_64 random(1);
  while (const auto next = search.next()) {
    for (int i = 0; i < next->runs; ++i) {
      ASSERT_TRUE(search.next());
      EXPECT_EQ(search.next()->kept, next->kept);
      EXPECT_EQ(search.next()->phase, next->phase);
      search.add(has_all(next->kept, {0, 5}) && random() % 4 != 0 ? Seen::hit : Seen::miss);
    }
  }
  EXPECT_EQ(search.answer(), Answer::found);
}

// A step that cannot run without another one crashes in its own way.
TEST(ShrinkSearch, ACandidateThatShowsSomethingElseIsNotReduced) {
  Options options;
  options.rate = 0.8;
  Search search(3, options);
  while (const auto next = search.next()) {
    const bool broken = !has_all(next->kept, {0});
    search.add(broken ? Seen::other : has_all(next->kept, {0, 2}) ? Seen::hit : Seen::miss);
  }
  EXPECT_EQ(search.answer(), Answer::found);
  EXPECT_THAT(search.result(), ElementsAre(0, 2));
  EXPECT_THAT(search.confirmation()[1].other, Gt(2));
}

TEST(ShrinkSearch, HostErrorsDoNotCount) {
  Search search(3, {});
  for (int i = 0; i < 100; ++i) search.add(Seen::infra);
  EXPECT_EQ(search.runs(), 0);
  EXPECT_EQ(search.next()->phase, Phase::measure);
}

// What chance made the search remove wrongly comes back when new runs contradict it.
TEST(ShrinkSearch, AResultThatNewRunsContradictIsGivenUp) {
  Options options;
  options.rate = 0.8;
  Search search(2, options);
  bool removed = false;  // wrongly
  while (const auto next = search.next()) {
    const bool wrong = next->phase == Phase::search && next->kept == Kept{1} && !removed;
    removed = removed || (!wrong && next->phase == Phase::confirm);
    search.add(wrong || has_all(next->kept, {0, 1}) ? Seen::hit : Seen::miss);
  }
  EXPECT_EQ(search.answer(), Answer::found);
  EXPECT_THAT(search.result(), ElementsAre(0, 1));
}

}  // namespace
}  // namespace hangar::shrink
