// SPDX-License-Identifier: GPL-2.0-only
#include <random>

#include <gmock/gmock.h>

#include "harness/nightly/confirmation.h"

namespace hangar::nightly {
namespace {

Run run_of(Seen seen, const std::string& boot = "") {
  return {"r", seen, boot};
}

Pair pair_of(bool good, bool bad) {
  return {run_of(good ? Seen::hit : Seen::miss), run_of(bad ? Seen::hit : Seen::miss)};
}

Terms terms(bool rise = true) {
  return {level_of(1), rise, 0.1, 0.6};
}

TEST(Confirmation, ANightSpendsItsAlarmsOverAllConfirmations) {
  double sum = 0;
  for (int k = 1; k <= 100000; ++k) sum += level_of(k);
  EXPECT_LE(sum, alarms_per_night);
  EXPECT_NEAR(sum, alarms_per_night, 1e-7);
  EXPECT_LE(1000 * alarms_per_night, 1);
}

TEST(Confirmation, ConfirmsWhatAlwaysDiffers) {
  std::vector<Pair> pairs;
  while (pairs.size() < 30 && assess(pairs, terms()).answer == Answer::open)
    pairs.push_back(pair_of(false, true));
  const Assessment found = assess(pairs, terms());
  EXPECT_EQ(found.answer, Answer::differ);
  EXPECT_TRUE(found.rose);
  EXPECT_GT(found.interval.low, 0);
  EXPECT_LT(pairs.size(), 12u);
  EXPECT_EQ(found.pairs, static_cast<int>(pairs.size()));
}

TEST(Confirmation, ReportsTheDirectionThatWasFound) {
  const std::vector<Pair> pairs(40, pair_of(true, false));
  const Assessment found = assess(pairs, terms());
  EXPECT_EQ(found.answer, Answer::differ);
  EXPECT_FALSE(found.rose) << "although a rise was suspected";
}

TEST(Confirmation, ClearsWhatIsEqual) {
  for (const bool rise : {true, false}) {
    std::vector<Pair> pairs;
    while (pairs.size() < 200 && assess(pairs, terms(rise)).answer == Answer::open)
      pairs.push_back(pair_of(pairs.size() % 4 == 0, pairs.size() % 4 == 2));
    EXPECT_EQ(assess(pairs, terms(rise)).answer, Answer::equal);
    EXPECT_LT(pairs.size(), static_cast<std::size_t>(most_pairs)) << "before the end";
  }
}

TEST(Confirmation, ExcludedRunsDoNotCount) {
  const std::vector<Pair> pairs(30, Pair{run_of(Seen::excluded), run_of(Seen::hit)});
  const Assessment found = assess(pairs, terms());
  EXPECT_EQ(found.answer, Answer::open);
  EXPECT_EQ(found.pairs, 0);
  EXPECT_EQ(found.bad.hits, 0);
  const std::vector<Pair> many(most_pairs, pairs.front());
  EXPECT_EQ(assess(many, terms()).answer, Answer::equal) << "it ends";
}

TEST(Confirmation, RunsOfOneSavedGuestAreOnePair) {
  const std::vector<Pair> pairs(60, Pair{run_of(Seen::miss, "guest-a"), run_of(Seen::hit, "guest-b")});
  EXPECT_EQ(assess(pairs, terms()).pairs, 1);
  EXPECT_EQ(assess(pairs, terms()).answer, Answer::open);
}

// Equal kernels on a machine whose rate moves from 0.1 to 0.9 and back: the level is at most the share of
// alarms, at every length. With a level of 0.05, the share can be measured.
TEST(Confirmation, HoldsItsLevelWhileTheMachineDrifts) {
  constexpr int trials = 400;
  std::mt19937_64 random(20261130);
  std::uniform_real_distribution<> uniform;
  int alarms = 0;
  for (int trial = 0; trial < trials; ++trial) {
    const Terms wide{0.05, true, 0.1, 0.6};
    std::vector<Pair> pairs;
    for (int i = 0; i < 80; ++i) {
      const double rate = i % 40 < 20 ? 0.1 + 0.04 * (i % 20) : 0.9 - 0.04 * (i % 20);
      pairs.push_back(pair_of(uniform(random) < rate, uniform(random) < rate));
    }
    alarms += assess(pairs, wide).answer == Answer::differ ? 1 : 0;
  }
  EXPECT_LE(alarms, trials * 0.05 + 2 * 4.4);
}

}  // namespace
}  // namespace hangar::nightly
