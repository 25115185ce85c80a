// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/bisect/drive.h"
#include "harness/bisect/journal.h"
#include "harness/bisect/state.h"

namespace hangar::bisect {
namespace {

Setup chain_of(int revisions) {
  bisect::Setup setup;
  setup.id = "20261129-120000-aaaaaa";
  for (int i = 0; i < revisions; ++i) setup.revisions.push_back({"r" + std::to_string(i), "", "", ""});
  return setup;
}

Event run_of(int revision, Seen seen) {
  return {Kind::run, revision, seen, {}, 2, "", "a run"};
}

Event build_of(int revision, const std::string& signature) {
  return {Kind::build, revision, {}, {}, 60, signature, ""};
}

// Revisions from `culprit` on hit in each run; runs of `odd` show something else.
class Simulated : public Tester {
 public:
  Simulated(int culprit, int odd) : culprit_(culprit), odd_(odd) {}
  Result<std::vector<Tested>> test(const std::vector<int>& revisions) override {
    std::vector<Tested> all;
    for (const int revision : revisions) {
      Tested& one = all.emplace_back();
      one.seen = revision == odd_ ? Seen::other : revision >= culprit_ ? Seen::hit : Seen::miss;
      if (host_fails) one.seen = Seen::infra;
    }
    return all;
  }
  [[nodiscard]] double expected_build_s() const override { return 10; }
  [[nodiscard]] double expected_run_s() const override { return 1; }
  [[nodiscard]] std::vector<bool> already_built() const override { return built; }
  bool host_fails = false;
  std::vector<bool> built;

 private:
  int culprit_;
  int odd_;
};

class BisectJournal : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make("/tmp", "hangar-bisect-");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  [[nodiscard]] fs::path state() const { return folder_->path(); }
  [[nodiscard]] Journal journal(bisect::Setup setup) const {
    return std::move(*Journal::create(state(), std::move(setup)));
  }

 private:
  std::optional<TempDir> folder_;
};

TEST(BisectState, CountsWhatWasSeen) {
  const bisect::Setup setup = chain_of(8);
  auto state = State::replay(setup, {build_of(3, "a"), run_of(3, Seen::miss), run_of(3, Seen::other),
                                     run_of(3, Seen::infra), run_of(7, Seen::hit)});
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->search().counts(3).misses, 1);
  EXPECT_EQ(state->search().counts(7).hits, 1);
  EXPECT_EQ(state->aside(3).other, 1);
  EXPECT_EQ(state->aside(3).infra, 1);
  EXPECT_EQ(state->runs(), 4);
  EXPECT_EQ(state->builds(), 1);
  EXPECT_EQ(state->seconds(), 68);
  const Costs costs = state->costs(1, 1);
  EXPECT_EQ(costs.run_s, 2) << "the mean of the runs";
  EXPECT_EQ(costs.build_s[3], 0) << "it exists";
  EXPECT_EQ(costs.build_s[4], 60) << "the mean of the builds";
}

TEST(BisectState, UndoForgetsTheLastRunOrMark) {
  const bisect::Setup setup = chain_of(8);
  Event undo;
  undo.kind = Kind::undo;
  auto state = State::replay(setup, {run_of(3, Seen::miss), run_of(5, Seen::hit), build_of(4, ""), undo});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->search().counts(5).hits, 0);
  EXPECT_EQ(state->search().counts(3).misses, 1);
  EXPECT_TRUE(state->add(undo));
  EXPECT_EQ(state->search().runs(), 0);
  EXPECT_FALSE(state->add(undo)) << "nothing is left";
}

TEST(BisectState, AKernelThatDoesTheSameAsItsParentIsNotTheCulprit) {
  const bisect::Setup setup = chain_of(8);
  auto state = State::replay(setup, {build_of(3, "same"), run_of(3, Seen::miss)});
  ASSERT_TRUE(state);
  const double before = state->search().belief()[4].probability;
  EXPECT_GT(before, 0);
  ASSERT_TRUE(state->add(build_of(4, "same")));
  EXPECT_EQ(state->search().belief()[4].probability, 0);
  EXPECT_EQ(state->search().counts(3).misses, 1) << "what was seen is kept";
  ASSERT_TRUE(state->add(build_of(5, "other")));
  EXPECT_GT(state->search().belief()[5].probability, before);
}

// Runs until there is an answer, with each run as it would be.
int runs_until_answer(const bisect::Setup& setup, int culprit) {
  auto state = State::replay(setup, {});
  if (!state) return -1;
  while (!state->search().decision().finished) {
    const int revision = state->search().next(state->costs(1, 1)).front();
    if (!state->add(run_of(revision, revision >= culprit ? Seen::hit : Seen::miss))) return -1;
  }
  EXPECT_EQ(state->search().decision().candidates, std::vector<int>{culprit});
  return state->runs();
}

TEST(BisectState, ALikelyCulpritIsFoundSoonerAndAWrongOneDoesNotMislead) {
  bisect::Setup setup = chain_of(256);
  const int without = runs_until_answer(setup, 100);
  setup.likely = "r100";
  EXPECT_LT(runs_until_answer(setup, 100), without);
  EXPECT_LE(runs_until_answer(setup, 37), without + 8);
  setup.likely = "unknown";
  EXPECT_EQ(runs_until_answer(setup, 100), without);
}

// Of a search for a fix: r4 fixes it, the candidate of the search is the last one that hits.
TEST(BisectState, ALikelyFixIsWhatFollowsTheLastHit) {
  bisect::Setup setup = chain_of(8);
  setup.fixed = true;
  setup.likely = "r4";
  auto state = State::replay(setup, {});
  ASSERT_TRUE(state);
  EXPECT_GT(state->search().belief()[5].probability, 5 * state->search().belief()[4].probability);
}

// 3 and 6 are the same kernel: what is between them changes nothing, or is reverted.
TEST(BisectState, RevisionsWithOneKernelAreBothGoodOrBothBad) {
  const bisect::Setup setup = chain_of(8);
  auto state = State::replay(setup, {build_of(3, "same"), build_of(6, "same"), run_of(7, Seen::hit)});
  ASSERT_TRUE(state);
  for (const int between : {4, 5, 6}) EXPECT_EQ(state->search().belief()[between].probability, 0) << between;
  for (const int beyond : {1, 2, 3, 7}) EXPECT_GT(state->search().belief()[beyond].probability, 0) << beyond;
}

// In a graph only the changes that one of the two lacks are excluded.
TEST(BisectState, OneKernelOnTwoBranches) {
  bisect::Setup setup = chain_of(5);
  setup.parents = {{}, {0}, {0}, {1, 2}, {3}};
  auto state = State::replay(setup, {build_of(1, "same"), build_of(2, "same"), run_of(4, Seen::hit)});
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->search().belief()[1].probability, 0);
  EXPECT_EQ(state->search().belief()[2].probability, 0);
  EXPECT_GT(state->search().belief()[3].probability, 0);
}

Event build_that_took(int revision, double seconds) {
  return {Kind::build, revision, {}, {}, seconds, "", ""};
}

TEST(BisectState, ABuildFromNearbyCostsLess) {
  const bisect::Setup setup = chain_of(1025);
  auto state = State::replay(setup, {build_that_took(1024, 500)});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->costs(1, 1).build_s[0], 500) << "all that is known";
  // From the nearest that exists: 1024, 512, 256 and 128 changes away, 10 s for each doubling.
  for (const auto& [revision, seconds] : {std::pair(0, 100.0), {512, 90.0}, {256, 80.0}, {128, 70.0}})
    ASSERT_TRUE(state->add(build_that_took(revision, seconds)));
  const Costs costs = state->costs(1, 1);
  EXPECT_NEAR(costs.build_s[768], 80, 1) << "256 away";
  EXPECT_NEAR(costs.build_s[130], 70, 1) << "2 away: no less than was ever measured";
  EXPECT_LT(costs.build_s[130], costs.build_s[768]);
}

TEST(BisectState, TimesThatDoNotGrowWithDistanceAreAMean) {
  const bisect::Setup setup = chain_of(65);
  auto state =
      State::replay(setup, {build_that_took(64, 300), build_that_took(0, 10), build_that_took(32, 14),
                            build_that_took(16, 12), build_that_took(8, 20)});
  ASSERT_TRUE(state);
  EXPECT_DOUBLE_EQ(state->costs(1, 1).build_s[48], 14)
      << "without the first, which had nothing to start from";
}

TEST(BisectState, ABuildThatFailsIsNoRun) {
  const bisect::Setup setup = chain_of(8);
  Event failed = run_of(4, Seen::skip);
  failed.seconds = 300;
  const auto state = State::replay(setup, {run_of(7, Seen::hit), failed});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->costs(1, 1).run_s, 2);
  EXPECT_EQ(state->seconds(), 302);
}

TEST(BisectState, ALogThatDoesNotFitIsAnError) {
  EXPECT_FALSE(State::replay(chain_of(3), {run_of(3, Seen::hit)}));
  EXPECT_FALSE(State::replay(chain_of(3), {run_of(-1, Seen::hit)}));
  bisect::Setup setup = chain_of(3);
  setup.parents = {{}, {0}, {7}};
  EXPECT_FALSE(State::replay(setup, {}));
}

TEST_F(BisectJournal, IsReadAgainWithATornLine) {
  bisect::Setup setup = chain_of(4);
  setup.max_runs = 9;
  setup.question = "hang>30s";
  Journal written = journal(setup);
  ASSERT_TRUE(written.add(run_of(1, Seen::miss)));
  {
    std::FILE* file = std::fopen((written.folder() / "log.jsonl").c_str(), "a");
    ASSERT_NE(file, nullptr);
    std::fputs("{\"kind\":\"run\",\"revi", file);
    std::fclose(file);
  }
  ASSERT_TRUE(written.add(run_of(2, Seen::hit)));
  const auto again = Journal::open(state(), "2026");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(again->setup()), to_json(written.setup()));
  ASSERT_EQ(again->events().size(), 2U);
  EXPECT_EQ(to_json(again->events()[1]), to_json(run_of(2, Seen::hit)));
  EXPECT_FALSE(Journal::open(state(), "nosuch"));
  const auto lock = again->lock();
  ASSERT_TRUE(lock);
  EXPECT_FALSE(written.lock()) << "one process at a time";
}

TEST_F(BisectJournal, DrivesToAConfirmedCulprit) {
  Journal log = journal(chain_of(16));
  auto state = State::replay(log.setup(), {});
  ASSERT_TRUE(state);
  Simulated tester(9, 5);
  ASSERT_TRUE(drive(log, *state, tester, [](const State&, const Event*) {}));
  EXPECT_EQ(state->search().decision().answer, Answer::culprit);
  EXPECT_EQ(state->search().decision().candidates, std::vector<int>{9});
  EXPECT_GE(state->confirmation().likelihood_ratio, verified_ratio);
  EXPECT_LE(state->aside(5).other, most_other) << "then it is skipped";
  const auto again = State::replay(log.setup(), log.events());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->search().decision().probability, state->search().decision().probability);
  EXPECT_EQ(again->confirmation().likelihood_ratio, state->confirmation().likelihood_ratio);
}

// A kernel in the cache costs nothing: with dear builds, the first runs are of those.
TEST_F(BisectJournal, PrefersWhatIsBuilt) {
  bisect::Setup setup = chain_of(16);
  setup.max_runs = 12;
  setup.confirm = false;
  Journal log = journal(setup);
  auto state = State::replay(log.setup(), {});
  ASSERT_TRUE(state);
  Simulated tester(9, -1);
  tester.built = std::vector<bool>(16, false);
  for (const int built : {0, 6, 11, 15}) tester.built[static_cast<std::size_t>(built)] = true;
  ASSERT_TRUE(drive(log, *state, tester, [](const State&, const Event*) {}));
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_TRUE(tester.built[static_cast<std::size_t>(log.events()[i].revision)]) << log.events()[i].revision;
}

TEST_F(BisectJournal, AHostThatFailsEndsIt) {
  Journal log = journal(chain_of(16));
  auto state = State::replay(log.setup(), {});
  Simulated tester(9, -1);
  tester.host_fails = true;
  const auto driven = drive(log, *state, tester, [](const State&, const Event*) {});
  ASSERT_FALSE(driven);
  EXPECT_EQ(driven.error().fault, Fault::infra);
  EXPECT_EQ(state->runs(), most_infra_in_row);
  EXPECT_EQ(state->search().runs(), 0) << "they are neither hits nor misses";
}

TEST_F(BisectJournal, StopsAtTheMostRuns) {
  bisect::Setup setup = chain_of(16);
  setup.max_runs = 3;
  setup.jobs = 2;
  Journal log = journal(setup);
  auto state = State::replay(log.setup(), {});
  Simulated tester(9, -1);
  ASSERT_TRUE(drive(log, *state, tester, [](const State&, const Event*) {}));
  EXPECT_EQ(state->runs(), 3);
  EXPECT_EQ(state->search().decision().answer, Answer::undecided);
}

TEST_F(BisectJournal, KeepsTheImageOfItsGuests) {
  bisect::Setup setup = chain_of(2);
  setup.image = "debian:stress-ng";
  ASSERT_TRUE(Journal::create(state(), setup));
  const auto journal = Journal::open(state(), "last");
  ASSERT_TRUE(journal) << journal.error().message;
  EXPECT_EQ(journal->setup().image, "debian:stress-ng");
}

}  // namespace
}  // namespace hangar::bisect
