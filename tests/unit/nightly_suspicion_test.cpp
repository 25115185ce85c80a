// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/nightly/suspicion.h"

namespace hangar::nightly {
namespace {

const Series series{"tree", "oom-kill"};

Sample sample_of(int night, int hits, int runs, const std::string& signature) {
  return {series, night, {"k" + signature, "r" + signature, signature}, {hits, runs, 0}, 60.0 * runs, {}, {}};
}

// Nights without a hang, each with another kernel: "1", "2" and so on.
std::vector<Sample> quiet(int nights) {
  std::vector<Sample> history;
  for (int night = 1; night <= nights; ++night)
    history.push_back(sample_of(night, 0, 5, std::to_string(night)));
  return history;
}

TEST(Suspicion, NeedsNightsBefore) {
  EXPECT_FALSE(suspicion_of({}).suspected);
  EXPECT_FALSE(suspicion_of({sample_of(1, 5, 5, "a")}).suspected);
  EXPECT_FALSE(suspicion_of(quiet(10)).suspected);
}

TEST(Suspicion, OfARiseNamesTheLastGoodKernel) {
  auto history = quiet(10);
  history.push_back(sample_of(11, 4, 5, "bad"));
  const Suspicion suspicion = suspicion_of(history);
  EXPECT_TRUE(suspicion.suspected);
  EXPECT_TRUE(suspicion.rose);
  ASSERT_TRUE(suspicion.good);
  EXPECT_EQ(suspicion.good->signature, "8") << "the longest window that differs";
}

TEST(Suspicion, OfAChangeThatThreeNightsShowTogether) {
  auto history = quiet(10);
  for (int night = 11; night <= 13; ++night) history.push_back(sample_of(night, 1, 5, std::to_string(night)));
  const Suspicion suspicion = suspicion_of(history);
  EXPECT_TRUE(suspicion.suspected);
  EXPECT_EQ(suspicion.good->signature, "10") << "the kernels of nights 11 and 12 may be bad already";
}

TEST(Suspicion, OfAFall) {
  std::vector<Sample> history;
  for (int night = 1; night <= 6; ++night) history.push_back(sample_of(night, 5, 5, std::to_string(night)));
  history.push_back(sample_of(7, 1, 5, "7"));
  const Suspicion suspicion = suspicion_of(history);
  EXPECT_TRUE(suspicion.suspected);
  EXPECT_FALSE(suspicion.rose);
}

TEST(Suspicion, OneHangIsADoubt) {
  auto history = quiet(10);
  history.push_back(sample_of(11, 1, 5, "11"));
  EXPECT_FALSE(suspicion_of(history).suspected);
  EXPECT_TRUE(suspicion_of(history).doubted);
}

TEST(Suspicion, TheSameKernelIsNotSuspected) {
  std::vector<Sample> history;
  for (int night = 1; night <= 10; ++night) history.push_back(sample_of(night, 0, 5, "same"));
  history.push_back(sample_of(11, 5, 5, "same"));
  const Suspicion suspicion = suspicion_of(history);
  EXPECT_FALSE(suspicion.suspected);
  EXPECT_TRUE(suspicion.moved);
}

TEST(Suspicion, AKernelThatStaysIsSuspectedAgainstTheOneBefore) {
  auto history = quiet(10);
  history.push_back(sample_of(11, 0, 5, "bad"));
  history.push_back(sample_of(12, 4, 5, "bad"));
  const Suspicion suspicion = suspicion_of(history);
  EXPECT_TRUE(suspicion.suspected);
  EXPECT_NE(suspicion.good->signature, "bad");
}

TEST(Suspicion, ADecisionBeginsAnEra) {
  auto history = quiet(10);
  history.back().decision = Decision{DecisionKind::confirmed, {15, 30, 0}, history.back().kernel};
  history.push_back(sample_of(11, 3, 5, "11"));
  EXPECT_FALSE(suspicion_of(history).suspected) << "as the confirmed kernel";
  history.back() = sample_of(11, 0, 20, "11");
  EXPECT_TRUE(suspicion_of(history).suspected) << "fixed";
  EXPECT_FALSE(suspicion_of(history).rose);
}

TEST(Suspicion, ExcludedRunsCountNowhere) {
  auto history = quiet(10);
  Sample all_excluded = sample_of(11, 0, 0, "11");
  all_excluded.tally.excluded = 5;
  history.push_back(all_excluded);
  EXPECT_FALSE(suspicion_of(history).suspected);
  EXPECT_FALSE(suspicion_of(history).doubted);
}

TEST(Suspicion, OfTheReleaseFindsASlowRise) {
  std::vector<Sample> history;
  for (int night = 1; night <= 12; ++night)
    history.push_back(sample_of(night, night / 3, 10, std::to_string(night)));
  const std::vector<Sample> release = {sample_of(1, 0, 20, "release")};
  EXPECT_TRUE(suspicion_of_release(history, release).suspected);
  EXPECT_EQ(suspicion_of_release(history, release).good->signature, "release");
  EXPECT_FALSE(suspicion_of_release(history, {}).suspected);
  EXPECT_FALSE(suspicion_of_release(quiet(10), {sample_of(1, 20, 20, "release")}).suspected)
      << "less often than the release is not a finding";
}

}  // namespace
}  // namespace hangar::nightly
