// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "harness/bisect/search.h"
#include "tests/unit/linear_time.h"

namespace hangar::bisect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Bug {
  int culprit = 1;  // revision 0: no change; the size of the graph: not reproduced
  double rate = 1;
  double false_alarms = 0;
  std::uint64_t seed = 1;
};

// Runs what the search chooses until it answers. Returns the observations.
std::vector<Observation> run(Search& search, const Bug& bug, const Costs& costs = {}) {
  std::mt19937_64 random(bug.seed);
  std::vector<Observation> made;
  while (!search.decision().finished) {
    const auto next = search.next(costs);
    if (next.empty()) break;
    const bool bad = bug.culprit < search.graph().size() && search.graph().contains(next[0], bug.culprit);
    const double rate = bad ? bug.rate : bug.false_alarms;
    const bool hit = std::uniform_real_distribution<>()(random) < rate;
    made.push_back({next[0], hit ? Evidence::hit : Evidence::miss});
    EXPECT_TRUE(search.add(made.back()));
  }
  return made;
}

Decision found(const Graph& graph, const Bug& bug, const Options& options = {}) {
  Search search(graph, options);
  run(search, bug);
  return search.decision();
}

TEST(Search, FindsTheCulpritOfADeterministicBug) {
  for (const int size : {2, 3, 17, 200}) {
    for (const int culprit : {1, size / 2, size - 1}) {
      const Decision decision = found(Graph::chain(size), {std::max(culprit, 1)});
      EXPECT_EQ(decision.answer, Answer::culprit) << size << ", " << culprit;
      EXPECT_THAT(decision.candidates, ElementsAre(std::max(culprit, 1)));
      EXPECT_GT(decision.probability, 0.95);
    }
  }
}

// 95% are promised; of 60 answers 5 may be wrong in one of 30 cases.
TEST(Search, IsRightAtTheConfidence) {
  for (const double false_alarms : {0.0, 0.02}) {
    int right = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      const int culprit = 1 + static_cast<int>(seed % 32);
      const Decision decision = found(Graph::chain(33), {culprit, 0.3, false_alarms, seed});
      right += decision.answer == Answer::culprit && decision.candidates[0] == culprit ? 1 : 0;
    }
    EXPECT_GE(right, 54) << false_alarms;
  }
}

TEST(Search, SeesThatNothingChanged) {
  for (const double rate : {0.3, 1.0})
    EXPECT_EQ(found(Graph::chain(33), {0, rate, 0, 3}).answer, Answer::no_change) << rate;
}

TEST(Search, SeesThatNothingIsReproduced) {
  const Decision decision = found(Graph::chain(33), {33});
  EXPECT_EQ(decision.answer, Answer::not_reproduced);
  EXPECT_THAT(decision.candidates, IsEmpty());
}

// Two branches of three revisions, from the good end to a merge: 1 to 3, and 4 to 6. Revision 7 merges them.
Graph branches() {
  return *Graph::make({{}, {0}, {1}, {2}, {0}, {4}, {5}, {3, 6}});
}

TEST(Search, FindsACulpritOnABranch) {
  for (int culprit = 1; culprit < branches().size(); ++culprit) {
    for (const double rate : {0.6, 1.0}) {
      const Decision decision = found(branches(), {culprit, rate, 0, 2});
      EXPECT_EQ(decision.answer, Answer::culprit) << culprit;
      EXPECT_THAT(decision.candidates, ElementsAre(culprit)) << rate;
    }
  }
}

TEST(Search, SkippedRevisionsRemainCandidates) {
  Search search(Graph::chain(17), {});
  for (const int revision : {7, 8, 8, 9}) EXPECT_TRUE(search.add({revision, Evidence::skip}));
  run(search, {8});
  EXPECT_EQ(search.decision().answer, Answer::range);
  EXPECT_THAT(search.decision().candidates, ElementsAre(7, 8, 9, 10));
  EXPECT_TRUE(search.skipped(8));
  EXPECT_EQ(search.counts(8).hits + search.counts(8).misses, 0);
  Search other(Graph::chain(17), {});
  EXPECT_TRUE(other.add({8, Evidence::skip}));
  run(other, {7});
  EXPECT_EQ(other.decision().answer, Answer::culprit);
}

TEST(Search, SkippedRevisionsOfABranchAreSeparatedByOthers) {
  Search search(branches(), {});
  EXPECT_TRUE(search.add({5, Evidence::skip}));
  run(search, {5});
  EXPECT_EQ(search.decision().answer, Answer::range);
  EXPECT_THAT(search.decision().candidates, ElementsAre(5, 6));
}

TEST(Search, ASkippedGoodEndMayBeBad) {
  Search search(Graph::chain(5), {});
  EXPECT_TRUE(search.add({0, Evidence::skip}));
  run(search, {1});
  EXPECT_EQ(search.decision().answer, Answer::range);
  EXPECT_THAT(search.decision().candidates, ElementsAre(0, 1));
}

TEST(Search, NothingLeftToTest) {
  Search search(Graph::chain(3), {});
  for (const int revision : {0, 1, 2}) EXPECT_TRUE(search.add({revision, Evidence::skip}));
  EXPECT_THAT(search.next({}), IsEmpty());
}

TEST(Search, MarksExcludeCandidates) {
  Search search(Graph::chain(17), {});
  EXPECT_TRUE(search.add({4, Evidence::good}));
  EXPECT_TRUE(search.add({6, Evidence::bad}));
  EXPECT_EQ(search.belief()[0].probability, 0);
  EXPECT_EQ(search.belief()[4].probability, 0);
  EXPECT_NEAR(search.belief()[5].probability, 0.5, 1e-9);
  EXPECT_EQ(search.belief()[17].probability, 0);
  EXPECT_TRUE(search.add({5, Evidence::good}));
  EXPECT_EQ(search.decision().answer, Answer::culprit);
  EXPECT_THAT(search.decision().candidates, ElementsAre(6));
  const auto contradiction = search.add({7, Evidence::good});
  ASSERT_FALSE(contradiction);
  EXPECT_THAT(contradiction.error().message, HasSubstr("contradicts earlier marks"));
  EXPECT_EQ(search.decision().answer, Answer::culprit) << "the mark is ignored";
}

TEST(Search, RejectsRevisionsThatDoNotExist) {
  Search search(Graph::chain(3), {});
  EXPECT_FALSE(search.add({3, Evidence::hit}));
  EXPECT_FALSE(search.add({-1, Evidence::hit}));
}

TEST(Search, StopsAtTheMostRuns) {
  Options options;
  options.max_runs = 5;
  const Decision decision = found(Graph::chain(1000), {500, 0.2}, options);
  EXPECT_TRUE(decision.finished);
  EXPECT_EQ(decision.answer, Answer::undecided);
}

TEST(Search, WeightsOfCandidatesSaveRuns) {
  Options options;
  options.weights.assign(1000, 1);
  options.weights[700] = 100000;
  Search search(Graph::chain(1000), options);
  Search without(Graph::chain(1000), {});
  EXPECT_LT(run(search, {700}).size(), run(without, {700}).size());
  EXPECT_THAT(search.decision().candidates, ElementsAre(700));
}

TEST(Search, ALogRestoresTheState) {
  Search search(Graph::chain(65), {});
  std::vector<Observation> log = run(search, {40, 0.3, 0.02, 5});
  Search replayed(Graph::chain(65), {});
  for (const Observation& one : log) {
    EXPECT_EQ(replayed.next({}).at(0), one.revision);
    EXPECT_TRUE(replayed.add(one));
  }
  EXPECT_EQ(replayed.decision().candidates, search.decision().candidates);
  EXPECT_EQ(replayed.decision().probability, search.decision().probability);
  // The order of the runs does not matter.
  std::reverse(log.begin(), log.end());
  Search reversed(Graph::chain(65), {});
  for (const Observation& one : log) EXPECT_TRUE(reversed.add(one));
  EXPECT_EQ(reversed.decision().probability, search.decision().probability);
}

TEST(Search, ExpensiveBuildsAreSaved) {
  const auto builds = [](double build_s) {
    Search search(Graph::chain(65), {});
    std::mt19937_64 random(3);
    Costs costs{std::vector<double>(65, build_s), 1};
    int built = 0;
    while (!search.decision().finished) {
      const int revision = search.next(costs).at(0);
      built += costs.build_s[revision] > 0 ? 1 : 0;
      costs.build_s[revision] = 0;
      const bool hit = revision >= 23 && std::uniform_real_distribution<>()(random) < 0.3;
      EXPECT_TRUE(search.add({revision, hit ? Evidence::hit : Evidence::miss}));
    }
    return built;
  };
  EXPECT_LE(builds(100), 12);
  EXPECT_GT(builds(0.01), builds(100));
}

TEST(Search, EstimatesWhatRemains) {
  Search search(Graph::chain(65), {});
  const Remaining first = search.remaining();
  EXPECT_GT(first.runs, 5);
  EXPECT_NEAR(first.builds, 6, 1.5);
  run(search, {23});
  EXPECT_EQ(search.remaining().runs, 0);
}

TEST(Search, StartsAtTheBadEndOnAllJobs) {
  EXPECT_THAT(Search(Graph::chain(9), {}).next({}, 3), ElementsAre(8, 8, 8));
}

// Four times as many revisions take four times as long.
TEST(Search, TimeOfADecisionIsLinear) {
  const auto work = [](int size) {
    return [size] {
      Search search(Graph::chain(size), {});
      std::mt19937_64 random(1);
      for (int i = 0; i < 200; ++i) {
        const int revision = search.next({}).at(0);
        const bool hit = revision >= size / 2 && std::uniform_real_distribution<>()(random) < 0.3;
        EXPECT_TRUE(search.add({revision, hit ? Evidence::hit : Evidence::miss}));
      }
    };
  };
  expect_linear(best_of_three(work(1024)), best_of_three(work(4096)));
}

TEST(Search, AnswersAndEvidenceHaveWords) {
  EXPECT_EQ(to_string(Answer::not_reproduced), "not-reproduced");
  EXPECT_EQ(from_word<Evidence>("skip"), Evidence::skip);
}

}  // namespace
}  // namespace hangar::bisect
