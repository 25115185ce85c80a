// SPDX-License-Identifier: GPL-2.0-only
#include <string>

#include <gmock/gmock.h>

#include "harness/log/infer/read.h"
#include "harness/log/parse/stall.h"

// What follows the first line of an RCU stall or a workqueue lockup.
namespace hangar::log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* self_detected =
    "[   80.000000] rcu: INFO: rcu_preempt self-detected stall on CPU\n"
    "[   80.000001] rcu: \t1-....: (20999 ticks this GP) idle=1234/1/0x4000000000000000 softirq=50/50 "
    "fqs=5250\n"
    "[   80.000002] \t(t=21003 jiffies g=-1199 q=5 ncpus=2)\n"
    "[   80.000003] CPU: 1 PID: 77 Comm: busy loop Not tainted 6.1.0 #1\n";

const Lockup& only_lockup(const LogFacts& facts) {
  EXPECT_EQ(facts.boots.at(0).lockups.size(), 1U);
  return facts.boots[0].lockups.at(0);
}

TEST(Stall, AStalledCpuAndItsTask) {
  const auto facts = analyse(self_detected);
  const Lockup& stall = only_lockup(facts);
  EXPECT_EQ(stall.cpu, 1);
  EXPECT_EQ(stall.comm, "busy loop");
  EXPECT_EQ(stall.pid, 77);
  EXPECT_EQ(stall.rcu.jiffies, 21003);
  EXPECT_THAT(stall.rcu.cpus, ElementsAre(1));
  EXPECT_FALSE(stall.rcu.starved_jiffies);
}

TEST(Stall, SeveralCpusAndPreemptedTasks) {
  const auto facts = analyse(
      "[   80.000000] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n"
      "[   80.000001] rcu: \t0-...!: (1 GPs behind) idle=000c/0/0x0 softirq=1/2 fqs=0 (false positive?)\n"
      "[   80.000002] rcu: \t3-O..!: (2 ticks this GP) idle=0001/1/0x4 softirq=1/2 fqs=0\n"
      "[   80.000003] rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-3): P41/1:b..l P7\n"
      "[   80.000004] rcu: \t(detected by 2, t=5252 jiffies, g=1, q=3 ncpus=4)\n"
      "[   80.000005] CPU: 2 PID: 9 Comm: other Not tainted 6.12.0 #1\n");
  const Lockup& stall = only_lockup(facts);
  EXPECT_FALSE(stall.cpu) << "not one of them";
  EXPECT_EQ(stall.pid, -1) << "the task of the CPU that detected it";
  EXPECT_THAT(stall.rcu.cpus, ElementsAre(0, 3));
  EXPECT_THAT(stall.rcu.pids, ElementsAre(41, 7));
  EXPECT_EQ(stall.rcu.jiffies, 5252);
}

TEST(Stall, OnOneLine) {
  for (const auto* text : {
           "[   80.000000] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...! P41 } "
           "21003 "
           "jiffies s: 9 root: 0x2/.\n",
           "[   80.000000] INFO: rcu_sched detected stalls on CPUs/tasks: { 1 P41} (detected by 0, t=21003 "
           "jiffies, "
           "g=7, c=6, q=5)\n",
       }) {
    const auto facts = analyse(text);
    const Lockup& stall = only_lockup(facts);
    EXPECT_EQ(stall.cpu, 1) << text;
    EXPECT_THAT(stall.rcu.pids, ElementsAre(41)) << text;
    EXPECT_EQ(stall.rcu.jiffies, 21003) << text;
  }
}

TEST(Stall, MarksOfOlderKernels) {
  for (const auto* text :
       {"\t1: (20999 ticks this GP) idle=c07/1/0", "\t1-...: (20999 ticks this GP) idle=c07/1/0",
        " 1-...: (20999 ticks this GP) idle=c07/1/0 softirq=1/2 fqs=0"}) {
    const auto detail = parse_rcu_detail(text);
    ASSERT_TRUE(detail) << text;
    EXPECT_THAT(detail->cpus, ElementsAre(1)) << text;
  }
  EXPECT_EQ(parse_rcu_detail(" (t=60004 jiffies g=7 c=6 q=5)")->jiffies, 60004);
}

TEST(Stall, TheTaskOfAHardLockup) {
  const std::string report =
      "[   70.000000] NMI watchdog: Watchdog detected hard LOCKUP on cpu 3\n"
      "[   70.000001] CPU: 3 PID: 77 Comm: spinner Tainted: G        W          6.1.0 #1\n";
  const auto facts = analyse(report);
  EXPECT_EQ(only_lockup(facts).comm, "spinner");
  EXPECT_EQ(only_lockup(facts).pid, 77);
  const auto other = analyse(report.substr(0, report.find('\n') + 1) +
                             "[   70.000001] CPU: 2 PID: 78 Comm: other Not tainted 6.1.0 #1\n");
  EXPECT_EQ(only_lockup(other).pid, -1) << "of another CPU";
}

TEST(Stall, AStarvedKthreadIsAFinding) {
  const auto facts =
      analyse(std::string(self_detected) +
              "[   81.000000] rcu: rcu_preempt kthread timer wakeup didn't happen for 4000 jiffies! g1 "
              "f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402\n"
              "[   81.000001] rcu: rcu_preempt kthread starved for 4100 jiffies! g1 f0x0 "
              "RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=1\n");
  const Lockup& stall = only_lockup(facts);
  EXPECT_EQ(stall.rcu.timer_jiffies, 4000);
  EXPECT_EQ(stall.rcu.starved_jiffies, 4100);
  ASSERT_EQ(facts.boots[0].findings.size(), 1U);
  EXPECT_EQ(facts.boots[0].findings[0].id, "rcu-kthread-starved");
  EXPECT_THAT(facts.boots[0].findings[0].lines, ElementsAre(6U));
}

TEST(Stall, NoDetailsWithoutAStall) {
  const std::string text = self_detected;
  const auto facts = analyse(text.substr(text.find('\n') + 1));
  EXPECT_THAT(facts.boots.at(0).lockups, IsEmpty());
  for (const auto* line : {"", "rcu:", "1-2: (", "rcu: \t1-....: (20999 ticks", "(t= jiffies", "P41",
                           "8192-....: (1 GPs) idle="})
    EXPECT_FALSE(parse_rcu_detail(line)) << line;
}

TEST(Stall, BusyWorkersOfAWorkqueueLockup) {
  const auto facts = analyse(
      "[   90.000000] BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 41s!\n"
      "[   90.000001] Showing busy workqueues and worker pools:\n"
      "[   90.000002] workqueue events: flags=0x0\n"
      "[   90.000003]   pwq 2: cpus=0 node=0 flags=0x0 nice=0 active=2/256 refcnt=3\n"
      "[   90.000004]     in-flight: 12:spin_work_fn for 43s BAR(9), 13(RESCUER):other_fn\n"
      "[   90.000005]     pending: vmstat_shepherd\n"
      "[   90.000006] workqueue mm_percpu_wq: flags=0x8\n"
      "[   90.000007]     in-flight: bh-hi:tasklet_fn\n"
      "[   90.000008] pool 2: cpus=0 node=0 flags=0x0 nice=0 hung=41s workers=2 idle: 14\n");
  const Lockup& lockup = only_lockup(facts);
  EXPECT_EQ(lockup.stuck_s, 41);
  EXPECT_EQ(lockup.cpu, 0);
  ASSERT_EQ(lockup.works.size(), 3U);
  EXPECT_EQ(lockup.works[0].workqueue, "events");
  EXPECT_EQ(lockup.works[0].pid, 12);
  EXPECT_EQ(lockup.works[0].function, "spin_work_fn");
  EXPECT_EQ(lockup.works[0].running_s, 43);
  EXPECT_EQ(lockup.works[1].pid, 13);
  EXPECT_EQ(lockup.works[1].function, "other_fn");
  EXPECT_FALSE(lockup.works[1].running_s);
  EXPECT_EQ(lockup.works[2].workqueue, "mm_percpu_wq");
  EXPECT_EQ(lockup.works[2].pid, -1) << "of a softirq";
}

// SysRq t lists workqueues too.
TEST(Stall, BusyWorkersAloneAreNoLockup) {
  const auto facts = analyse(
      "[   90.000001] Showing busy workqueues and worker pools:\n[   90.000002] workqueue events: flags=0x0\n"
      "[   90.000004]     in-flight: 12:spin_work_fn\n");
  EXPECT_THAT(facts.boots.at(0).lockups, IsEmpty());
}

TEST(Stall, AnyNumberOfLinesIsBounded) {
  std::string text = self_detected;
  for (int i = 0; i < 5000; ++i)
    text += "[   80.100000] rcu: \t2-....: (1 GPs behind) idle=0/0/0x0 softirq=0/0 fqs=0\n";
  EXPECT_LE(only_lockup(analyse(text)).rcu.cpus.size(), 256U);
}

}  // namespace
}  // namespace hangar::log
