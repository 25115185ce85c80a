// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/outcome/blocked.h"
#include "tests/unit/made_up_log.h"

namespace hangar::outcome {
namespace {

using testing::ElementsAre;

const std::vector<std::string> in_oom = {"__schedule", "schedule", "msleep", "out_of_memory",
                                         "__alloc_pages"};
const std::vector<std::string> in_pipe = {"__schedule", "schedule", "pipe_read"};

// Of the time from 20 s to 40 s.
std::vector<std::int64_t> pids_blocked(const MadeUpLog& log) {
  std::vector<std::int64_t> pids;
  for (const BlockedTask& task : BlockedTasks(log.facts, log.timeline()).within(20, 40))
    pids.push_back(task.pid);
  return pids;
}

TEST(Blocked, AReportGivesTheTaskWithItsStack) {
  MadeUpLog log;
  log.hung_task(30, 41, in_oom);
  const Timeline timeline = log.timeline();
  const auto tasks = BlockedTasks(log.facts, timeline).within(20, 40);
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(tasks[0].comm, "hog");
  EXPECT_EQ(tasks[0].where, "out_of_memory");
  EXPECT_TRUE(tasks[0].for_memory);
  EXPECT_EQ(tasks[0].since_s, 20);
  EXPECT_EQ(tasks[0].seen_s, 30);
  EXPECT_EQ(tasks[0].report_line, 1u);
}

// The report of a hang may be printed as it ends.
TEST(Blocked, ReportsFromTheStartToASecondAfterTheEndCount) {
  MadeUpLog log;
  log.hung_task(19.9, 1, in_oom);
  log.hung_task(20, 2, in_oom);
  log.hung_task(41, 3, in_oom);
  log.hung_task(41.1, 4, in_oom);
  EXPECT_THAT(pids_blocked(log), ElementsAre(2, 3));
}

TEST(Blocked, OfATaskThatIsReportedTwiceTheFirstReportCounts) {
  MadeUpLog log;
  log.hung_task(25, 1, in_oom);
  log.hung_task(35, 1, in_pipe);
  const Timeline timeline = log.timeline();
  const auto tasks = BlockedTasks(log.facts, timeline).within(20, 40);
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(tasks[0].seen_s, 25);
}

TEST(Blocked, AStackBelongsToAReportWithinTwelveLines) {
  for (const int between : {11, 12}) {
    MadeUpLog log;
    log::HungTask report;
    report.pid = 41;
    report.line = log.line(30, "INFO: task hog:41 blocked for more than 10 seconds.");
    log.boot().hung_tasks.push_back(report);
    for (int i = 0; i < between; ++i) log.line(30);
    log.stack(30, 41, in_oom);
    EXPECT_EQ(pids_blocked(log).size(), between == 11 ? 1u : 0u) << between;
  }
}

TEST(Blocked, TheStackOfAnotherTaskOrFromBeforeTheReportIsNotItsOwn) {
  MadeUpLog log;
  log.stack(30, 41, in_oom);
  log::HungTask report;
  report.pid = 41;
  report.line = log.line(30, "INFO: task hog:41 blocked for more than 10 seconds.");
  log.boot().hung_tasks.push_back(report);
  log.stack(30, 42, in_oom);
  EXPECT_THAT(pids_blocked(log), ElementsAre());
}

TEST(Blocked, TheFirstDumpThatShowsABlockedTaskIsTaken) {
  MadeUpLog log;
  log.sysrq(10, 'w');
  log.stack(10, 1, in_oom);  // before the hang
  log.sysrq(21, 'w');        // shows none
  log.sysrq(22, 'm');        // prints no tasks
  log.stack(22, 2, in_oom);
  log.sysrq(25, 't');
  log.stack(25, 3, in_oom);
  log.stack(25, 4, in_oom).state = "R";
  log.stack(25, -1, in_oom);
  log.stack(25, 0, in_oom);  // an idle thread
  log.sysrq(35, 'w');
  log.stack(35, 5, in_oom);
  EXPECT_THAT(pids_blocked(log), ElementsAre(3));
}

TEST(Blocked, ADumpAddsTasksThatNoReportNames) {
  MadeUpLog log;
  log.hung_task(25, 1, in_oom);
  log.sysrq(35, 'w');
  log.stack(35, 1, in_oom);
  log.stack(35, 2, in_pipe);
  EXPECT_THAT(pids_blocked(log), ElementsAre(1, 2));
}

BlockedTask task_in(const std::string& where, bool for_memory, std::int64_t pid = 7) {
  BlockedTask task;
  task.comm = "hog";
  task.pid = pid;
  task.where = where;
  task.for_memory = for_memory;
  task.seen_s = 16;
  return task;
}

TEST(Blocked, TheCommonFunctionIsThatOfMostTasks) {
  EXPECT_EQ(common_function({}), "");
  EXPECT_EQ(common_function({task_in("", false)}), "");
  EXPECT_EQ(common_function({task_in("a", false), task_in("b", false), task_in("b", false)}), "b");
  EXPECT_EQ(common_function({task_in("a", false), task_in("b", false)}), "a") << "the first of equals";
  EXPECT_EQ(common_function({task_in("a", false), task_in("a", false), task_in("b", true)}), "b")
      << "tasks that wait for memory come first";
}

TEST(Blocked, UpToThreeTasksAreNamed) {
  BlockedTask reported = task_in("", false, 8);
  reported.since_s = 12.1;
  EXPECT_EQ(describe({task_in("out_of_memory", true), reported}),
            "hog (7) blocked in out_of_memory at 16.0 s, hog (8) blocked since 12.1 s or earlier");
  EXPECT_EQ(describe({task_in("a", false, 1), task_in("a", false, 2), task_in("b", false, 3)}),
            "hog (1) blocked in a at 16.0 s, hog (2) blocked in a at 16.0 s, hog (3) blocked in b at 16.0 s");
  std::vector<BlockedTask> four = {task_in("a", false, 1), task_in("a", false, 2), task_in("a", false, 3),
                                   task_in("b", false, 4)};
  EXPECT_EQ(describe(four), "4 tasks blocked, 3 of them in a");
  for (BlockedTask& task : four) task.where.clear();
  EXPECT_EQ(describe(four), "4 tasks blocked");
}

TEST(Blocked, KernelThreadsOfReclaimAndWorkQueuesAreWorkers) {
  BlockedTask task;
  for (const char* comm : {"kswapd0", "kworker/0:1", "kcompactd0", "khugepaged", "ksmd"}) {
    task.comm = comm;
    EXPECT_TRUE(is_kernel_worker(task)) << comm;
  }
  task.comm = "hog";
  EXPECT_FALSE(is_kernel_worker(task));
}

// Without the times.
std::vector<std::string> cited(const BlockedTask& task, const Timeline& timeline) {
  std::vector<std::string> texts;
  for (const auto& line : cite_stack(task, timeline)) {
    const size_t time = line.text.find("]  ");
    texts.push_back(time == std::string::npos ? line.text : line.text.substr(time + 3));
  }
  return texts;
}

TEST(Blocked, TheNamingLineAndSixFunctionsAreCited) {
  MadeUpLog log;
  log.sysrq(30, 'w');
  log.stack(30, 41, {"__schedule", "schedule", "? stale", "f1", "f2", "f3", "f4", "f5", "f6", "f7"});
  const Timeline timeline = log.timeline();
  const auto tasks = BlockedTasks(log.facts, timeline).within(20, 40);
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_THAT(cited(tasks[0], timeline),
              ElementsAre("task:hog state:D pid:41", "f1+0x10/0x20", "f2+0x10/0x20", "f3+0x10/0x20",
                          "f4+0x10/0x20", "f5+0x10/0x20", "f6+0x10/0x20"));
}

TEST(Blocked, OfAReportItsOwnLineIsCitedAndLinesThatAreNoFramesAreNot) {
  MadeUpLog log;
  log.hung_task(30, 41, {"__schedule", "schedule", "f1"});
  log.boot().tasks.back().last_line = log.line(30, " </TASK>");
  const Timeline timeline = log.timeline();
  const auto tasks = BlockedTasks(log.facts, timeline).within(20, 40);
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_THAT(cited(tasks[0], timeline),
              ElementsAre("INFO: task hog:41 blocked for more than 10 seconds.", "f1+0x10/0x20"));
}

TEST(Blocked, TheOwnerOfTheLockIsNamed) {
  MadeUpLog log;
  log.hung_task(30, 41, in_pipe);
  log::Blocker& blocker = log.boot().hung_tasks.back().blocker.emplace();
  const Timeline timeline = log.timeline();
  const BlockedTasks without(log.facts, timeline);
  EXPECT_EQ(describe(without.within(20, 40)), "hog (41) blocked in pipe_read since 20.0 s or earlier");
  blocker.owner = log::TaskId{"writer", 77};
  const BlockedTasks tasks(log.facts, timeline);
  EXPECT_EQ(
      describe(tasks.within(20, 40)),
      "hog (41) blocked in pipe_read by writer (77), which likely holds the mutex, since 20.0 s or earlier");
}

}  // namespace
}  // namespace hangar::outcome
