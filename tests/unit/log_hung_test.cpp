// SPDX-License-Identifier: GPL-2.0-only
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/log/infer/read.h"
#include "harness/log/parse/hung.h"
#include "harness/log/render/merge.h"

// How long hung tasks are blocked, and for which locks.
namespace hangar::log {
namespace {

std::string report(double time_s, int seconds, const std::string& task = "dd:77") {
  return fmt::format("[{:12.6f}] INFO: task {} blocked for more than {} seconds.\n", time_s, task, seconds);
}
std::string banner(const std::string& release) {
  return "[    0.000000] Linux version " + release +
         " (gcc) #1 SMP\n[    1.000000] Run /init as init process\n";
}
HungTaskSeries only_series(const std::string& text) {
  const auto facts = analyse(text);
  const auto series = merge(facts.boots.at(0).hung_tasks);
  EXPECT_EQ(series.size(), 1U);
  return series.empty() ? HungTaskSeries{} : series[0];
}

TEST(Hung, AConstantAddsUp) {
  for (const std::string& head :
       {std::string(), banner("4.4.0"), banner("3.10.0-1160.el7.x86_64"), banner("4.18.20")}) {
    const auto series = only_series(head + report(240, 120) + report(361, 120) + report(482, 120));
    EXPECT_EQ(series.count, 3U);
    EXPECT_EQ(series.first.blocked_s, 120);
    EXPECT_EQ(series.last.blocked_s, 360) << "at least";
    EXPECT_EQ(series.last.line, series.first.line + 2);
  }
}

TEST(Hung, TheHangLastsFromItsFirstPeriod) {
  const auto facts = analyse(banner("4.4.0") + report(240, 120) + report(360, 120) + report(480, 120));
  ASSERT_EQ(facts.boots[0].hangs.size(), 1U);
  EXPECT_EQ(facts.boots[0].hangs[0].start_s, 120);
  EXPECT_EQ(facts.boots[0].hangs[0].duration_s, 360);
}

TEST(Hung, ATaskThatRanBetweenTwoChecksStartsAgain) {
  const auto facts = analyse(banner("4.4.0") + report(240, 120) + report(480, 120));
  const auto series = merge(facts.boots.at(0).hung_tasks);
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[1].first.blocked_s, 120) << "the check at 360 s did not report it";
}

TEST(Hung, OtherTasksDoNotAddUp) {
  const auto facts = analyse(banner("4.4.0") + report(240, 120, "a:1") + report(360, 120, "a:2"));
  for (const HungTask& one : facts.boots.at(0).hung_tasks) EXPECT_EQ(one.blocked_s, 120);
}

// 4.19 and later print the time itself: the same number again is another stretch.
TEST(Hung, LaterKernelsPrintTheTime) {
  for (const auto* release : {"4.19.0", "5.10.262", "6.1.192", "7.2.13"}) {
    const auto facts = analyse(banner(release) + report(240, 120) + report(361, 120));
    for (const HungTask& one : facts.boots.at(0).hung_tasks) EXPECT_EQ(one.blocked_s, 120) << release;
    const auto grows = only_series(banner(release) + report(240, 122) + report(363, 245));
    EXPECT_EQ(grows.count, 2U);
    EXPECT_EQ(grows.last.blocked_s, 245);
  }
}

TEST(Hung, WithoutAReleaseTheDistanceDecides) {
  EXPECT_EQ(only_series(report(240, 120) + report(360, 120)).last.blocked_s, 240);
  const auto facts = analyse(report(240, 120) + report(370, 120));
  EXPECT_EQ(facts.boots.at(0).hung_tasks.at(1).blocked_s, 120);
}

TEST(Hung, TheSameReportTwiceIsOne) {
  const auto facts = analyse(banner("4.4.0") + report(240, 120) + report(240, 120) + report(360, 120));
  ASSERT_EQ(facts.boots.at(0).hung_tasks.size(), 2U);
  EXPECT_EQ(facts.boots[0].hung_tasks[1].blocked_s, 240);
}

TEST(Hung, ANewBootStartsWithoutThem) {
  const auto facts = analyse(banner("4.4.0") + report(240, 120) + banner("4.4.0") + report(360, 120));
  ASSERT_EQ(facts.boots.size(), 2U);
  EXPECT_EQ(facts.boots[1].hung_tasks.at(0).blocked_s, 120);
}

// Without further reports nothing shows that the tasks run again.
TEST(Hung, SuppressedReportsAreNoRecovery) {
  const std::string end = "[ 5000.000000] eth0: link up\n";
  const auto hang = [&](const std::string& text) {
    return analyse(banner("6.12.0") + text + end).boots.at(0).hangs.at(0);
  };
  const Hang ended = hang(report(240, 120));
  EXPECT_FALSE(ended.censored);
  const Hang open = hang(report(240, 120) +
                         "[  240.100000] Future hung task reports are suppressed, see sysctl "
                         "kernel.hung_task_warnings\n");
  EXPECT_TRUE(open.censored);
  EXPECT_FALSE(open.end_s);
  EXPECT_EQ(open.duration_s, 120) << "until the last report";
  std::string ten;
  for (int i = 0; i < 10; ++i) ten += report(240 + i, 120, fmt::format("dd:{}", 70 + i));
  EXPECT_TRUE(hang(ten).censored) << "the default limit of older kernels";
  EXPECT_FALSE(hang(ten + report(251, 120, "dd:99")).censored) << "they have another limit";
}

struct Locked {
  const char* text;
  LockType lock;
  const char* waits_as;
  const char* owner;  // "": none
  const char* owned_as;
};

TEST(Hung, LocksAndTheirOwners) {
  for (const Locked& one : {
           Locked{"INFO: task a:1 is blocked on a mutex likely owned by task b c:2.", LockType::mutex, "",
                  "b c", ""},
           Locked{"INFO: task a:1 blocked on a semaphore likely last held by task b:2", LockType::semaphore,
                  "", "b", ""},
           Locked{"INFO: task a:1 <writer> blocked on an rw-semaphore likely owned by task b:x:2 <reader>",
                  LockType::rw_semaphore, "writer", "b:x", "reader"},
           Locked{"INFO: task a:1 is blocked on a mutex, but the owner is not found.", LockType::mutex, "",
                  "", ""},
           Locked{"INFO: task a:1 is blocked on a semaphore, but the last holder is not found.",
                  LockType::semaphore, "", "", ""},
           Locked{"INFO: task a:1 is blocked on an rw-semaphore, but the owner is not found.",
                  LockType::rw_semaphore, "", "", ""},
       }) {
    const auto blocked = parse_blocker(one.text);
    ASSERT_TRUE(blocked) << one.text;
    EXPECT_EQ(blocked->comm, "a");
    EXPECT_EQ(blocked->pid, 1);
    EXPECT_EQ(blocked->blocker.lock, one.lock);
    EXPECT_EQ(blocked->blocker.waits_as, one.waits_as);
    EXPECT_EQ(blocked->blocker.owned_as, one.owned_as);
    EXPECT_EQ(blocked->blocker.owner ? blocked->blocker.owner->comm : "", one.owner);
  }
  for (const auto* text :
       {"INFO: task a:1 blocked for more than 120 seconds.", "INFO: task a:1 is blocked on a lock",
        "INFO: task a is blocked on a mutex, but the owner is not found.", "blocked on a mutex",
        "INFO: task a:1 is blocked on a mutex likely owned by task b"})
    EXPECT_FALSE(parse_blocker(text)) << text;
}

TEST(Hung, AReportNamesItsLock) {
  const auto facts =
      analyse(banner("7.2.13") + report(240, 122, "a:1") +
              "[  240.000001] INFO: task a:1 is blocked on a mutex likely owned by task b:2.\n" +
              report(240.01, 122, "c:3"));
  const auto& tasks = facts.boots.at(0).hung_tasks;
  ASSERT_EQ(tasks.size(), 2U);
  ASSERT_TRUE(tasks[0].blocker);
  EXPECT_EQ(tasks[0].blocker->line, 4U);
  EXPECT_EQ(tasks[0].blocker->owner->pid, 2);
  EXPECT_FALSE(tasks[1].blocker);
  ASSERT_EQ(facts.boots[0].crashes.size(), 1U) << "the line between two reports begins no other crash";
  EXPECT_EQ(facts.boots[0].crashes[0].line, 3U);
}

TEST(Suppressed, OfAllReports) {
  const auto facts = analyse(
      "[    1.000000] warn_alloc: 12 callbacks suppressed\n"
      "[    2.000000] oom_kill_process: 3 callbacks suppressed\n"
      "[    3.000000] net_ratelimit: 5 callbacks suppressed\n"
      "[    4.000000] BUG: Bad page state: 7 messages suppressed\n"
      "[    5.000000] Future hung task reports are suppressed, see sysctl kernel.hung_task_warnings\n"
      "[    6.000000] warn_alloc: many callbacks suppressed\n");
  const auto& all = facts.boots.at(0).suppressed;
  ASSERT_EQ(all.size(), 4U);
  const std::vector<std::pair<ReportKind, std::optional<std::int64_t>>> wanted = {
      {ReportKind::allocation_failure, 12},
      {ReportKind::oom, 3},
      {ReportKind::bad_page, 7},
      {ReportKind::hung_task, std::nullopt}};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(all[i].reports, wanted[i].first) << i;
    EXPECT_EQ(all[i].count, wanted[i].second) << i;
  }
  EXPECT_EQ(all[1].time_s, 2);
  EXPECT_TRUE(facts.boots[0].crashes.empty());
}

}  // namespace
}  // namespace hangar::log
