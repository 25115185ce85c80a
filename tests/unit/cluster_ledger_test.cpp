// SPDX-License-Identifier: GPL-2.0-only
#include <random>

#include <gmock/gmock.h>

#include "harness/cluster/ledger.h"

namespace hangar::cluster {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Job first_job{100, 0};
constexpr RunKey a{0, 0};
constexpr RunKey b{1, 0};
constexpr RunKey c{0, 1};

Queue queue_of(const Job& job, JobState state, const std::string& word) {
  return {{job, {state, word, "", "n1"}}};
}

class LedgerTest : public testing::Test {
 protected:
  Ledger::Decisions look(double now_s, const Queue& queue) { return ledger_.look(now_s, queue); }

  Ledger ledger_{{3, 60}};
};

TEST_F(LedgerTest, RunCountsOnce) {
  ledger_.add_task(first_job, {a, b});
  EXPECT_EQ(ledger_.open(), 2);
  EXPECT_TRUE(ledger_.completed(a));
  EXPECT_FALSE(ledger_.completed(a));
  EXPECT_FALSE(ledger_.completed({7, 7})) << "a run that was never asked for";
  EXPECT_EQ(ledger_.open(), 1);
}

TEST_F(LedgerTest, TaskThatRunsOrWaitsIsLeftAlone) {
  ledger_.add_task(first_job, {a});
  for (double now_s = 0; now_s < 10000; now_s += 100) {
    EXPECT_THAT(look(now_s, queue_of(first_job, JobState::running, "RUNNING")).again, IsEmpty());
    EXPECT_THAT(look(now_s + 50, queue_of(first_job, JobState::waiting, "PENDING")).again, IsEmpty());
  }
}

TEST_F(LedgerTest, RunsOfAnEndedTaskAreStartedAgainOnceTheFolderHasSettled) {
  ledger_.add_task(first_job, {a, b, c});
  EXPECT_TRUE(ledger_.completed(b));
  const Queue ended = queue_of(first_job, JobState::ended, "TIMEOUT");
  EXPECT_THAT(look(10, ended).again, IsEmpty());
  EXPECT_THAT(look(69, ended).again, IsEmpty());
  EXPECT_THAT(look(70, ended).again, ElementsAre(a, c));
  EXPECT_THAT(look(500, ended).again, IsEmpty()) << "reported twice";
}

// The job is forgotten MinJobAge after its end.
TEST_F(LedgerTest, TaskThatTheQueueDoesNotKnowHasEnded) {
  ledger_.add_task(first_job, {a});
  EXPECT_THAT(look(0, {}).again, IsEmpty());
  EXPECT_THAT(look(60, {}).again, ElementsAre(a));
}

TEST_F(LedgerTest, CompletionThatComesLateCounts) {
  ledger_.add_task(first_job, {a});
  (void)look(0, {});
  EXPECT_TRUE(ledger_.completed(a));
  EXPECT_THAT(look(60, {}).again, IsEmpty());
  EXPECT_EQ(ledger_.open(), 0);
}

TEST_F(LedgerTest, RequeuedTaskIsInTheQueueAgain) {
  ledger_.add_task(first_job, {a});
  EXPECT_THAT(look(0, queue_of(first_job, JobState::ended, "NODE_FAIL")).again, IsEmpty());
  EXPECT_THAT(look(50, queue_of(first_job, JobState::waiting, "PENDING")).again, IsEmpty());
  EXPECT_THAT(look(100, queue_of(first_job, JobState::ended, "NODE_FAIL")).again, IsEmpty());
  EXPECT_THAT(look(160, queue_of(first_job, JobState::ended, "NODE_FAIL")).again, ElementsAre(a));
}

// Both copies of a run may complete it; the first one counts.
TEST_F(LedgerTest, RunInTwoTasksCountsOnceAndIsNotStartedForTheOldTask) {
  ledger_.add_task(first_job, {a});
  (void)look(0, {});
  ASSERT_THAT(look(60, {}).again, ElementsAre(a));
  const Job second{101, 0};
  ledger_.add_task(second, {a});
  EXPECT_EQ(ledger_.open(), 1);
  const Queue both = {{first_job, {JobState::running, "RUNNING", "", ""}},
                      {second, {JobState::running, "RUNNING", "", ""}}};
  EXPECT_THAT(look(70, both).again, IsEmpty());
  EXPECT_TRUE(ledger_.completed(a));
  EXPECT_FALSE(ledger_.completed(a));
  EXPECT_THAT(look(1000, {}).again, IsEmpty());
  EXPECT_EQ(ledger_.open(), 0);
}

TEST_F(LedgerTest, RunThatIsStartedThreeTimesInVainIsLost) {
  double now_s = 0;
  for (int times = 1; times <= 2; ++times, now_s += 100) {
    ledger_.add_task({100 + times, 0}, {a, b});
    ledger_.started(a, times);
    (void)look(now_s, {});
    ASSERT_THAT(look(now_s + 60, {}).again, ElementsAre(a, b));
  }
  const Job last{103, 0};
  ledger_.add_task(last, {a, b});
  ledger_.started(a, 3);
  (void)look(now_s, queue_of(last, JobState::ended, "NODE_FAIL"));
  const auto decisions = look(now_s + 60, queue_of(last, JobState::ended, "NODE_FAIL"));
  ASSERT_THAT(decisions.lost, SizeIs(1));
  EXPECT_EQ(decisions.lost[0].run, a);
  EXPECT_EQ(decisions.lost[0].why, "it was started 3 times and never completed (last: NODE_FAIL on n1)");
  EXPECT_THAT(decisions.again, ElementsAre(b)) << "b was never started";
  EXPECT_EQ(ledger_.open(), 1);
}

TEST_F(LedgerTest, TasksThatNeverStartARunLoseTheirRuns) {
  for (int times = 1; times <= 2; ++times) {
    ledger_.add_task({100 + times, 0}, {a});
    (void)look(times * 100, {});
    ASSERT_THAT(look(times * 100 + 60, {}).again, ElementsAre(a));
  }
  ledger_.add_task({103, 0}, {a});
  (void)look(300, {});
  const auto decisions = look(360, {});
  ASSERT_THAT(decisions.lost, SizeIs(1));
  EXPECT_THAT(decisions.lost[0].why, HasSubstr("3 tasks ended before they started a run"));
  EXPECT_EQ(ledger_.open(), 0);
}

// A time limit that is long enough for some runs of a task makes progress each time.
TEST_F(LedgerTest, TimeLimitThatCutsTasksLosesNothing) {
  std::vector<RunKey> left;
  for (int i = 0; i < 20; ++i) left.push_back({0, i});
  double now_s = 0;
  for (int task = 0; !left.empty(); ++task, now_s += 100) {
    ASSERT_LT(task, 20);
    ledger_.add_task({task + 1, 0}, left);
    for (std::size_t i = 0; i < std::min<std::size_t>(2, left.size()); ++i) {
      ledger_.started(left[i], 1);
      ASSERT_TRUE(ledger_.completed(left[i]));
    }
    if (left.size() > 2) ledger_.started(left[2], 1);  // the run that was cut
    (void)look(now_s, {});
    const auto decisions = look(now_s + 60, {});
    ASSERT_THAT(decisions.lost, IsEmpty());
    left = decisions.again;
  }
  EXPECT_EQ(ledger_.open(), 0);
}

TEST_F(LedgerTest, TasksWithNothingOpenAreNotAskedAbout) {
  ledger_.add_task(first_job, {a});
  ledger_.add_task({100, 1}, {b});
  EXPECT_TRUE(ledger_.completed(a));
  (void)look(0, {});
  EXPECT_THAT(ledger_.open_jobs(), ElementsAre(Job{100, 1}));
}

// Whatever the queue shows and whenever completions come, each run counts once, and none stays open without a
// task in the queue.
TEST(LedgerProperty, EveryRunCountsOnceOrIsLost) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
    Ledger ledger({3, 10});
    constexpr int runs = 12;
    std::map<RunKey, int> counted;
    std::map<RunKey, int> starts;
    std::vector<std::pair<Job, std::vector<RunKey>>> alive;  // tasks that still execute
    int next_array = 1;
    const auto submit = [&](std::vector<RunKey> keys) {
      const Job job{next_array++, 0};
      ledger.add_task(job, keys);
      alive.emplace_back(job, std::move(keys));
    };
    for (int i = 0; i < runs; i += 3) submit({{0, i}, {0, i + 1}, {0, i + 2}});
    for (double now_s = 0; ledger.open() > 0; now_s += 1) {
      ASSERT_LT(now_s, 5000) << "seed " << seed;
      Queue queue;
      for (auto task = alive.begin(); task != alive.end();) {
        const bool hidden = chance(3);  // the queue shows nothing of a task that goes on
        if (!hidden) queue[task->first] = {JobState::running, "RUNNING", "", "n1"};
        for (const RunKey& key : task->second) {
          if (!chance(10)) continue;
          ledger.started(key, ++starts[key]);
          if (chance(60) && ledger.completed(key)) ++counted[key];
        }
        task = chance(15) ? alive.erase(task) : std::next(task);
      }
      const auto decisions = ledger.look(now_s, queue);
      for (const Ledger::Lost& lost : decisions.lost) ++counted[lost.run];
      if (!decisions.again.empty()) submit(decisions.again);
    }
    ASSERT_THAT(counted, SizeIs(runs)) << "seed " << seed;
    for (const auto& [key, times] : counted) ASSERT_EQ(times, 1) << "seed " << seed;
  }
}

}  // namespace
}  // namespace hangar::cluster
