// SPDX-License-Identifier: GPL-2.0-only
// The log of a search restores it.
#include <algorithm>

#include <gmock/gmock.h>

#include "harness/shrink/drive.h"

namespace hangar::shrink {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Setup six_steps() {
  Setup setup;
  setup.id = "20261130-120000-aaaaaa";
  setup.run = "20261130-110000-bbbbbb";
  setup.steps = {3, 1, 1, 2, 4, 5};
  setup.names = {"c", "a", "a", "b", "d", "e"};
  setup.jobs = 3;
  setup.question = "hang";
  return setup;
}

// Steps 1 and 4 hang together, in each run. Ends with an error after `left` batches.
class Simulated : public Tester {
 public:
  explicit Simulated(int left = 1000) : left_(left) {}
  Result<std::vector<Tested>> test(const std::vector<int>& steps, int count, std::uint64_t seed) override {
    if (left_-- == 0) return interrupted_error();
    seeds.push_back(seed);
    const auto has = [&](int step) { return std::find(steps.begin(), steps.end(), step) != steps.end(); };
    const Seen seen = host_fails ? Seen::infra : has(1) && has(4) ? Seen::hit : Seen::miss;
    return std::vector<Tested>(static_cast<std::size_t>(count), Tested{seen, 2, "a run"});
  }
  bool host_fails = false;
  std::vector<std::uint64_t> seeds;

 private:
  int left_;
};

class ShrinkJournal : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make("/tmp", "hangar-shrink-");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  [[nodiscard]] fs::path state() const { return folder_->path(); }
  [[nodiscard]] static Result<void> run(Journal& journal, Search& search, Tester& tester) {
    return drive(
        journal, search, tester, [] { return false; }, [](const Search&, const Event*) {});
  }

 private:
  std::optional<TempDir> folder_;
};

TEST_F(ShrinkJournal, FindsTheStepsAndRestoresTheAnswer) {
  auto journal = Journal::create(state(), six_steps());
  ASSERT_TRUE(journal);
  Search search = replay(journal->setup(), {});
  Simulated tester;
  ASSERT_TRUE(run(*journal, search, tester));
  EXPECT_EQ(search.answer(), Answer::found);
  EXPECT_THAT(steps_of(journal->setup(), search.result()), ElementsAre(1, 4));
  const auto again = Journal::open(state(), "last");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->setup().names, six_steps().names);
  const Search restored = replay(again->setup(), again->events());
  EXPECT_EQ(restored.answer(), Answer::found);
  EXPECT_EQ(restored.result(), search.result());
  EXPECT_EQ(restored.runs(), search.runs());
}

TEST_F(ShrinkJournal, AnInterruptedSearchContinuesWithOtherSeeds) {
  auto journal = Journal::create(state(), six_steps());
  ASSERT_TRUE(journal);
  Search search = replay(journal->setup(), {});
  Simulated first(5);
  EXPECT_FALSE(run(*journal, search, first));
  auto again = Journal::open(state(), "20261130");
  ASSERT_TRUE(again);
  Search restored = replay(again->setup(), again->events());
  EXPECT_EQ(restored.runs(), search.runs());
  Simulated second;
  ASSERT_TRUE(run(*again, restored, second));
  EXPECT_EQ(restored.answer(), Answer::found);
  EXPECT_LT(first.seeds.back(), second.seeds.front());
}

TEST_F(ShrinkJournal, ATornLineIsLeftOut) {
  auto journal = Journal::create(state(), six_steps());
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->add({Phase::measure, {0, 1, 2, 3, 4, 5}, Seen::hit, 2, "x"}));
  const fs::path log = state() / "shrinks" / six_steps().id / "log.jsonl";
  ASSERT_TRUE(write_file(log, *read_file(log) + R"({"phase":"mea)"));
  auto again = Journal::open(state(), "last");
  ASSERT_TRUE(again);
  ASSERT_EQ(again->events().size(), 1u);
  EXPECT_EQ(replay(again->setup(), again->events()).runs(), 1);
}

TEST_F(ShrinkJournal, AHostThatFailsEveryRunEndsTheSearch) {
  auto journal = Journal::create(state(), six_steps());
  ASSERT_TRUE(journal);
  Search search = replay(journal->setup(), {});
  Simulated tester;
  tester.host_fails = true;
  const auto driven = run(*journal, search, tester);
  ASSERT_FALSE(driven);
  EXPECT_EQ(driven.error().fault, Fault::infra);
  EXPECT_THAT(driven.error().message, HasSubstr("the host failed 5 runs in a row"));
}

TEST_F(ShrinkJournal, OnesThatDoNotExistOrAreDamaged) {
  EXPECT_THAT(Journal::open(state(), "last").error().message, HasSubstr("hangar shrink RUN"));
  ASSERT_TRUE(Journal::create(state(), six_steps()));
  EXPECT_THAT(Journal::open(state(), "2025").error().message, HasSubstr("no stored searches begin with"));
  const fs::path setup = state() / "shrinks" / six_steps().id / "setup.json";
  ASSERT_TRUE(write_file(setup, R"({"steps":[1,2],"names":["a"]})"));
  EXPECT_THAT(Journal::open(state(), "last").error().message, HasSubstr("setup.json"));
  ASSERT_TRUE(write_file(setup, R"({"steps":[1],"names":["a"]})"));
  EXPECT_FALSE(Journal::open(state(), "last"));
  ASSERT_TRUE(write_file(setup, R"({"steps":"1","names":["a"]})"));
  EXPECT_FALSE(Journal::open(state(), "last"));
}

}  // namespace
}  // namespace hangar::shrink
