// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/outcome/movement.h"
#include "tests/unit/made_up_log.h"

namespace hangar::outcome {
namespace {

using testing::ElementsAre;

const std::vector<std::string> in_oom = {"__schedule", "schedule", "msleep", "out_of_memory"};
const std::vector<std::string> in_reclaim = {"__schedule", "schedule", "msleep", "shrink_node"};
const std::vector<std::string> elsewhere_in_oom = {"__schedule", "schedule", "schedule_timeout",
                                                   "out_of_memory"};
const std::vector<std::string> in_nothing = {"__schedule", "schedule"};

// What moved in a hang from 20 s to 40 s.
std::optional<verdict::Finding> moved(const MadeUpLog& log) {
  verdict::Hang hang;
  hang.start_s = 20;
  hang.duration_s = 20;
  return movement_in(hang, log.facts, log.timeline());
}

std::string text_of(const MadeUpLog& log) {
  const auto found = moved(log);
  return found ? found->id + ": " + found->text : "";
}

// One task, dumped twice.
std::string text_of_two(const std::vector<std::string>& first, const std::vector<std::string>& second,
                        double first_s = 25, double second_s = 35) {
  MadeUpLog log;
  log.sysrq(first_s, 'w');
  log.stack(first_s, 41, first);
  log.sysrq(second_s, 't');
  log.stack(second_s, 41, second);
  return text_of(log);
}

TEST(Movement, OfOneTaskIsNamedInWords) {
  EXPECT_EQ(text_of_two(in_oom, in_oom),
            "not-moving: hog (41) is at the same place, out_of_memory, in both dumps");
  EXPECT_EQ(text_of_two(in_nothing, in_nothing), "not-moving: hog (41) is at the same place in both dumps");
  EXPECT_EQ(text_of_two(in_oom, in_reclaim),
            "moving-slowly: hog (41) moved from out_of_memory to shrink_node between the two dumps");
  EXPECT_EQ(text_of_two(in_oom, elsewhere_in_oom),
            "moving-slowly: hog (41) changed stack between the two dumps, both in out_of_memory");
  EXPECT_EQ(text_of_two(in_nothing, in_oom), "moving-slowly: hog (41) changed stack between the two dumps");
}

TEST(Movement, DumpsOutsideOfTheHangDoNotCount) {
  EXPECT_NE(text_of_two(in_oom, in_oom, 20, 40), "");
  EXPECT_EQ(text_of_two(in_oom, in_oom, 19.9, 40), "");
  EXPECT_EQ(text_of_two(in_oom, in_oom, 20, 40.1), "");
}

TEST(Movement, OnlyFramesThatAreCertainAreCompared) {
  MadeUpLog log;
  log.sysrq(25, 'w');
  log.stack(25, 41, {"msleep", "stale_one", "out_of_memory"}).frames[1].reliable = false;
  log.sysrq(35, 'w');
  log.stack(35, 41, {"msleep", "stale_two", "out_of_memory"}).frames[1].reliable = false;
  EXPECT_EQ(text_of(log), "not-moving: hog (41) is at the same place, out_of_memory, in both dumps");
}

TEST(Movement, TheFirstAndTheLastDumpThatShowBlockedTasksAreCompared) {
  MadeUpLog log;
  log.sysrq(21, 'w');  // shows none
  log.sysrq(25, 'w');
  const std::uint64_t first = log.stack(25, 41, in_oom).line - 1;
  log.sysrq(28, 'm');  // prints no tasks
  log.sysrq(30, 'w');
  log.stack(30, 41, in_reclaim);
  log.sysrq(35, 'w');
  const std::uint64_t last = log.stack(35, 41, in_oom).line - 1;
  log.sysrq(38, 't');
  log.stack(38, 42, in_oom).state = "R";
  log.stack(38, -1, in_oom);
  const auto found = moved(log);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "not-moving");
  EXPECT_EQ(found->certainty, Certainty::probable);
  ASSERT_EQ(found->lines.size(), 2u);
  EXPECT_EQ(found->lines[0].line, static_cast<std::int64_t>(first));
  EXPECT_EQ(found->lines[1].line, static_cast<std::int64_t>(last));
}

TEST(Movement, ATaskThatIsInOneDumpAloneIsNotCompared) {
  MadeUpLog log;
  log.sysrq(25, 'w');
  log.stack(25, 41, in_oom);
  log.sysrq(35, 'w');
  log.stack(35, 42, in_oom);
  EXPECT_EQ(text_of(log), "");
}

// Tasks 1 to `count`, of which the first `moved` change their stack.
MadeUpLog many(int count, int moved) {
  MadeUpLog log;
  for (const double at_s : {25.0, 35.0}) {
    log.sysrq(at_s, 'w');
    for (int pid = 1; pid <= count; ++pid)
      log.stack(at_s, pid, at_s > 30 && pid <= moved ? in_reclaim : in_oom);
  }
  return log;
}

TEST(Movement, OfMoreThanThreeTasksThereAreCounts) {
  EXPECT_EQ(text_of(many(4, 2)),
            "moving-slowly: 2 of 4 blocked tasks changed stack between the two dumps, hog (pid 1)");
  EXPECT_EQ(text_of(many(4, 0)), "not-moving: 0 of 4 blocked tasks changed stack between the two dumps");
  EXPECT_EQ(
      text_of(many(3, 0)),
      "not-moving: hog (1) is at the same place, out_of_memory, in both dumps, hog (2) is at the same "
      "place, out_of_memory, in both dumps, hog (3) is at the same place, out_of_memory, in both dumps");
}

TEST(Movement, OneTaskThatMovedIsTheExample) {
  EXPECT_EQ(text_of(many(4, 1)),
            "moving-slowly: 1 of 4 blocked tasks changed stack between the two dumps, hog (pid 1)");
}

// What the allocation watchdog printed at `at_s`: (pid, sequence number).
void watchdog(MadeUpLog& log, double at_s, const std::vector<std::pair<std::int64_t, std::int64_t>>& tasks) {
  log::MemAlloc report;
  report.line = log.line(at_s, "MemAlloc-Info:");
  for (const auto& [pid, seq] : tasks) {
    log::MemAllocTask task;
    task.comm = "hog";
    task.pid = pid;
    task.seq = seq;
    task.line = log.line(at_s, "MemAlloc:");
    report.tasks.push_back(task);
  }
  log.boot().memalloc.push_back(report);
}

TEST(Movement, AnAllocationThatIsTriedAgainMoves) {
  MadeUpLog log;
  watchdog(log, 19, {{1, 1}, {2, 1}});  // before the hang
  watchdog(log, 25, {{1, 3}, {2, 5}, {3, 1}});
  watchdog(log, 30, {{1, 4}});
  watchdog(log, 35, {{1, 9}, {2, 5}});
  const auto found = moved(log);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "moving-slowly");
  EXPECT_EQ(found->text, "1 of 2 stalled tasks went on trying to allocate, hog 3 -> 9");
  std::vector<std::int64_t> lines;
  for (const auto& line : found->lines) lines.push_back(line.line);
  EXPECT_THAT(lines, ElementsAre(5, 11));
}

TEST(Movement, StacksAndAllocationsAreOneFinding) {
  MadeUpLog log;
  log.sysrq(25, 'w');
  log.stack(25, 41, in_oom);
  watchdog(log, 26, {{41, 7}});
  log.sysrq(35, 'w');
  log.stack(35, 41, in_oom);
  watchdog(log, 36, {{41, 7}});
  const auto found = moved(log);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "not-moving");
  EXPECT_EQ(
      found->text,
      "hog (41) is at the same place, out_of_memory, in both dumps; 0 of 1 stalled tasks went on trying "
      "to allocate");
  EXPECT_EQ(found->lines.size(), 4u);
}

TEST(Movement, OneLookShowsNothing) {
  MadeUpLog log;
  log.sysrq(25, 'w');
  log.stack(25, 41, in_oom);
  watchdog(log, 26, {{41, 7}});
  EXPECT_FALSE(moved(log));
}

}  // namespace
}  // namespace hangar::outcome
