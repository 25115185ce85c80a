// SPDX-License-Identifier: GPL-2.0-only
#include <set>

#include <gmock/gmock.h>

#include "harness/cluster/cut.h"

namespace hangar::cluster {
namespace {

using testing::SizeIs;

// `repeats` rounds of `cells` cells, each run of which takes so long; every other round is in reverse order.
Runs rounds(int cells, int repeats, double expected_s) {
  Runs runs;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    for (int i = 0; i < cells; ++i)
      runs.push_back({{repeat % 2 == 0 ? i : cells - 1 - i, repeat}, expected_s, 2, 512u << 20, false});
  }
  return runs;
}

std::size_t count(const std::vector<Runs>& tasks) {
  std::size_t sum = 0;
  for (const Runs& task : tasks) sum += task.size();
  return sum;
}

TEST(Cut, TasksHoldFiveMinutesOfWork) {
  const auto tasks = cut(rounds(1, 200, 30), {300, 10, 4});
  EXPECT_THAT(tasks, SizeIs(20));
  for (const Runs& task : tasks) EXPECT_THAT(task, SizeIs(10));
}

TEST(Cut, EachTaskHasWholeRoundsSoThatItsRunsArePairs) {
  const auto tasks = cut(rounds(2, 55, 30), {300, 10, 4});
  EXPECT_EQ(count(tasks), 110u);
  for (const Runs& task : tasks) {
    int first = 0;
    for (const Wanted& run : task) first += run.key.cell == 0 ? 1 : 0;
    EXPECT_EQ(task.size(), 2u * static_cast<std::size_t>(first));
  }
}

TEST(Cut, RoundThatTakesLongerThanATaskStaysTogether) {
  const auto tasks = cut(rounds(4, 20, 200), {300, 10, 2});
  EXPECT_THAT(tasks, SizeIs(20));
  for (const Runs& task : tasks) EXPECT_THAT(task, SizeIs(4));
}

TEST(Cut, FewRunsAreSpreadOverTheSlots) {
  EXPECT_THAT(cut(rounds(1, 20, 10), {300, 10, 4}), SizeIs(4));
  EXPECT_THAT(cut(rounds(1, 20, 10), {300, 10, 1}), SizeIs(1));
  EXPECT_THAT(cut(rounds(1, 3, 10), {300, 10, 8}), SizeIs(3));
}

// 100 nodes of 8 slots would start 160 jobs a minute.
TEST(Cut, ManySlotsGetLongerTasks) {
  const auto runs = rounds(1, 200000, 30);
  EXPECT_DOUBLE_EQ(work_of_task(runs, {300, 10, 800}), 4800);
  EXPECT_DOUBLE_EQ(work_of_task(runs, {300, 10, 50}), 300);
}

// Slots that are all busy start as many jobs a minute as tasks end.
TEST(Cut, JobsStartNoMoreOftenThanWanted) {
  for (const int slots : {1, 7, 40, 333}) {
    const Cutting cutting{300, 10, slots};
    const auto runs = rounds(1, 100000, 20);
    const double minutes = work_of_task(runs, cutting) / 60;
    EXPECT_LE(slots / minutes, 10 + 1e-9) << slots;
  }
}

TEST(Cut, RunsWithOtherNeedsAreInOtherTasks) {
  Runs runs = rounds(2, 10, 10);
  for (Wanted& run : runs) run.cpus = run.key.cell == 0 ? 1 : 4;
  const auto tasks = cut(runs, {300, 10, 1});
  EXPECT_EQ(count(tasks), 20u);
  for (const Runs& task : tasks) {
    for (const Wanted& run : task) EXPECT_EQ(run.cpus, task.front().cpus);
  }
}

TEST(Cut, EveryRunIsInOneTask) {
  std::set<RunKey> seen;
  for (const Runs& task : cut(rounds(3, 77, 13), {300, 10, 5})) {
    for (const Wanted& run : task) EXPECT_TRUE(seen.insert(run.key).second);
  }
  EXPECT_THAT(seen, SizeIs(231));
  EXPECT_TRUE(cut({}, {300, 10, 5}).empty());
}

TEST(Cut, ArraysEndAtMaxArraySizeAtTheRoomAndAtOtherNeeds) {
  std::vector<Runs> tasks;
  for (const int cpus : {1, 1, 1, 2, 1}) tasks.push_back({{{0, 0}, 1, cpus, 0, false}});
  EXPECT_EQ(array_length(tasks, 100, 1001), 3);
  EXPECT_EQ(array_length(tasks, 100, 2), 2);
  EXPECT_EQ(array_length(tasks, 1, 1001), 1);
  EXPECT_EQ(array_length(tasks, 0, 1001), 0);
  EXPECT_EQ(array_length(tasks, -5, 1001), 0);
  EXPECT_EQ(array_length({}, 100, 1001), 0);
}

TEST(RunKeyText, IsReadAsItIsWritten) {
  EXPECT_EQ(to_string({2, 17}), "2-17");
  EXPECT_EQ(run_key_from("2-17"), (RunKey{2, 17}));
  for (const char* bad : {"", "2", "2-", "-1", "2-17x", "a-1", "2--1", "99999999999-1"})
    EXPECT_FALSE(run_key_from(bad)) << bad;
}

}  // namespace
}  // namespace hangar::cluster
