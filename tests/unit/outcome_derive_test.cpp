// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/outcome/judge.h"
#include "harness/verdict/matchers.h"
#include "tests/unit/stored_run.h"

namespace hangar::outcome {
namespace {

using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Not "got no hello": the console was recorded, and is gone.
TEST_F(StoredRun, WithoutTheRecordedConsoleThereIsNoOutcome) {
  hello();
  ASSERT_TRUE(serial_->finish());
  ASSERT_TRUE(derive_outcome(directory_->path()));
  ASSERT_TRUE(fs::remove(*directory_->serial()));
  const auto outcome = derive_outcome(directory_->path());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().fault, Fault::infra);
  EXPECT_THAT(outcome.error().message, testing::HasSubstr("has no serial.log"));
}

TEST_F(StoredRun, StallOfAVictimEndedBySysrq) {
  hello();
  say(2.2, R"({"t":"role","pid":42,"role":"child"})");
  beats(2, 5, true);
  console(5.1,
          "[    4.600000] hog invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), "
          "order=0, oom_score_adj=0");
  console(5.1, "[    4.600100] " + kill_line);
  beats(5, 40, false);
  event(39, "sysrq", "f");
  console(39.2, "[   38.700000] sysrq: Manual OOM execution");
  console(39.5,
          "[   39.000000] kworker/0:1 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, "
          "oom_score_adj=0");
  console(39.5,
          "[   39.000100] Out of memory: Killed process 41 (a.out) total-vm:952kB, anon-rss:52kB, "
          "file-rss:0kB, shmem-rss:8kB, UID:0 pgtables:36kB oom_score_adj:0");
  beats(40, 42, true);
  say(42.1, R"({"t":"exit","code":0,"signal":0})");
  say(42.2, R"({"t":"bye"})");
  event(42.5, "end", "done: guest-shutdown");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  const verdict::Hang& hang = outcome.hangs[0];
  EXPECT_EQ(to_string(hang.kind), "memory-stall");
  EXPECT_EQ(to_string(hang.cause), "victim-stuck");
  EXPECT_EQ(to_string(hang.ended_by), "sysrq-f");
  EXPECT_TRUE(hang.censored) << "how long it would have lasted without our key is not known";
  EXPECT_EQ(hang.censored_by, "sysrq-f");
  EXPECT_NEAR(hang.duration_s, 34, 0.2) << "until the key was sent";
  EXPECT_FALSE(hang.end_s);
  EXPECT_NEAR(hang.over_s.value_or(0), 40, 0.5);
  ASSERT_THAT(outcome.oom_kills, SizeIs(2));
  EXPECT_EQ(outcome.oom_kills[0].role, "child");
  EXPECT_NEAR(outcome.oom_kills[0].time_s, 5.1, 0.1) << "host time, not the guest's";
  EXPECT_FALSE(outcome.oom_kills[0].sysrq);
  EXPECT_TRUE(outcome.oom_kills[1].sysrq);
  EXPECT_THAT(outcome, verdict::ExitsWith(0));
}

TEST_F(StoredRun, SaysWhichSysrqHelpedAndWhereTheCpusWere) {
  hello();
  beats(2, 5, true);
  beats(5, 71, false);
  event(20, "vcpus", "CPU 0 at schedule+0x1");
  event(39, "sysrq", "f");
  event(40, "vcpus", "CPU 0 at shrink_node+0x10\nCPU 0 at shrink_node+0x20");
  event(69, "sysrq", "f");
  console(70.5, "[   70.000100] " + kill_line);
  beats(71, 75, true);
  event(75, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  EXPECT_EQ(to_string(outcome.hangs[0].ended_by), "sysrq-f");
  EXPECT_NEAR(outcome.hangs[0].duration_s, 34, 0.2)
      << "the first f killed nobody, and may have changed things";
  EXPECT_THAT(outcome.hangs[0].evidence, testing::HasSubstr("SysRq f number 2 killed a.out at 70.5 s"));
  EXPECT_THAT(outcome.hangs[0].evidence, testing::HasSubstr("at 40.0 s CPU 0 at shrink_node+0x20"));
}

TEST_F(StoredRun, OfAWorkerThatFailedWasWatchedUntilItsLastRecord) {
  hello();
  beats(2, 9, true);
  event(0, "end", "host-trouble: the worker was killed by signal 9");
  const verdict::Outcome outcome = derive();
  EXPECT_EQ(outcome.end, verdict::End::host_trouble);
  EXPECT_NEAR(outcome.watched_s, 8.9, 0.2);
}

TEST_F(StoredRun, SaysWhichSysrqFKilledNobody) {
  hello();
  beats(2, 5, true);
  beats(5, 71, false);
  event(40.1, "sysrq", "f");
  event(69, "sysrq", "f");
  console(70.5, "[   70.000100] " + kill_line);
  beats(71, 75, true);
  event(75, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  EXPECT_THAT(outcome.hangs[0].evidence, testing::HasSubstr("SysRq f was sent at 40.1 s; no kill followed"));
  EXPECT_THAT(outcome.hangs[0].evidence, Not(testing::HasSubstr("69.0 s")));
  EXPECT_EQ(verdict::idle_f_text(outcome), "SysRq f was sent at 40.1 s; no kill followed");
}

// The guest stood still while the harness was stopped, and its detectors tell of that afterwards.
TEST_F(StoredRun, StopOfTheHarnessMakesNoHang) {
  hello();
  beats(2, 10, true);
  event(70, "not-looked", "since 10.000 s");
  console(70.1, "[   70.000000] watchdog: BUG: soft lockup - CPU#0 stuck for 58s! [init:1]");
  beats(70, 110, true);
  console(109, "[  109.000000] all is well");
  event(110, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  EXPECT_THAT(outcome.hangs, IsEmpty());
  EXPECT_THAT(outcome.reports, IsEmpty()) << "our absence explains it";
}

// RCU complains after three seconds and, as long as it has to, again nine later.
TEST_F(StoredRun, OneShortStallThatTheKernelTellsOfIsNoHang) {
  hello();
  beats(2, 60, true);
  const auto stall = [&](double at) {
    console(at, fmt::format("[{:12.6f}] rcu: INFO: rcu_sched detected stalls on CPUs/tasks:", at));
    console(
        at,
        fmt::format(
            "[{:12.6f}] rcu: \t1-...!: (0 ticks this GP) idle=1234/1/0x4000000000000000 softirq=1/1 fqs=0",
            at));
    console(at, fmt::format("[{:12.6f}] rcu: \t(detected by 0, t=302 jiffies, g=-1, q=1 ncpus=2)", at));
  };
  stall(20);
  console(59, "[   59.000000] all is well");
  event(60, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  EXPECT_THAT(outcome.hangs, IsEmpty());
  EXPECT_THAT(outcome.crashes, IsEmpty());
  ASSERT_THAT(outcome.reports, SizeIs(1)) << "it is mentioned all the same";
  EXPECT_EQ(to_string(outcome.reports[0].kind), "lockup");
  EXPECT_THAT(outcome.reports[0].title, testing::StartsWith("INFO: rcu detected stall"));
  EXPECT_NEAR(outcome.reports[0].time_s, 20, 0.1);
  EXPECT_THAT(outcome.reports[0].line.text, testing::HasSubstr("rcu_sched detected stalls"));
  const auto stored = verdict::outcome_from_json(to_json(outcome));
  ASSERT_TRUE(stored) << stored.error().message;
  ASSERT_THAT(stored->reports, SizeIs(1));
  EXPECT_EQ(stored->reports[0].title, outcome.reports[0].title);
}

// No parser of hangs knows this report.
TEST_F(StoredRun, TaskThatCannotDieIsReported) {
  hello();
  beats(2, 60, true);
  console(20, "[   20.000000] INFO: task hog:41 can't die for more than 10 seconds.");
  blocked_stack(20);
  event(60, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  EXPECT_THAT(outcome.hangs, IsEmpty());
  ASSERT_THAT(outcome.reports, SizeIs(1));
  EXPECT_EQ(to_string(outcome.reports[0].kind), "task");
  EXPECT_EQ(outcome.reports[0].title, "INFO: task can't die in out_of_memory");
}

TEST_F(StoredRun, TwoLooksAtBlockedTasksTellSlowFromStuck) {
  hello();
  beats(2, 5, true);
  const auto look = [&](double at, const std::string& offset) {
    console(at, fmt::format("[{:12.6f}] sysrq: Show Blocked State", at));
    console(at, fmt::format("[{:12.6f}] task:hog state:D stack:    0 pid:   42 ppid:     1 flags:0x00000002",
                            at));
    console(at, fmt::format("[{:12.6f}] Call Trace:", at));
    console(at, fmt::format("[{:12.6f}]  <TASK>", at));
    console(at, fmt::format("[{:12.6f}]  rwsem_down_write_slowpath+{}/0x5f0", at, offset));
    console(at, fmt::format("[{:12.6f}]  vm_mmap_pgoff+0xd5/0x1a0", at));
    console(at, fmt::format("[{:12.6f}]  </TASK>", at));
  };
  look(16, "0x100");
  look(36, "0x200");
  beats(5, 50, false);
  event(50, "end", "hang-over: every step of on-hang was taken");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.findings, testing::Contains(testing::Field(&verdict::Finding::id, "moving-slowly")));
  for (const auto& finding : outcome.findings) {
    if (finding.id != "moving-slowly") continue;
    EXPECT_EQ(finding.text, "hog (42) changed stack between the two dumps, both in vm_mmap_pgoff");
  }
}

TEST_F(StoredRun, TaskThatDoesNotMoveIsNamedWithItsFunction) {
  hello();
  beats(2, 5, true);
  for (const double at : {16.0, 36.0}) {
    console(at, fmt::format("[{:12.6f}] sysrq: Show Blocked State", at));
    blocked_stack(at);
  }
  beats(5, 50, false);
  event(50, "end", "hang-over: every step of on-hang was taken");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.findings, SizeIs(1));
  EXPECT_EQ(outcome.findings[0].text, "hog (41) is at the same place, out_of_memory, in both dumps");
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  EXPECT_EQ(outcome.hangs[0].where, "out_of_memory");
  EXPECT_THAT(outcome.hangs[0].evidence, testing::HasSubstr("hog (41) blocked in out_of_memory at 16.0 s"));
  EXPECT_THAT(outcome.hangs[0].evidence, testing::HasSubstr("the probe stopped (last at"));
  EXPECT_THAT(outcome.hangs[0].evidence, testing::HasSubstr("the pulse went on"));
  EXPECT_THAT(outcome.hangs[0].evidence, Not(testing::HasSubstr("pulse last at")));
}

// One regression, one answer: a task that sleeps below the allocator, whether the probe stops or not, and
// whether the kill at the end comes or not.
TEST_F(StoredRun, TaskBlockedInTheAllocatorIsAMemoryStall) {
  hello();
  beats(2, 40, true);
  hung_task(20);
  hung_task(26);
  console(27, "[   27.000000] " + kill_line);
  event(40, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  const verdict::Hang& hang = outcome.hangs[0];
  EXPECT_EQ(to_string(hang.kind), "memory-stall");
  EXPECT_EQ(hang.where, "out_of_memory");
  EXPECT_THAT(hang.evidence, testing::HasSubstr("hog (41) blocked in out_of_memory since 10.0 s or earlier"));
  EXPECT_THAT(hang.evidence, testing::HasSubstr("the kernel reports INFO: task hung in out_of_memory"));
  EXPECT_THAT(outcome.reports, IsEmpty()) << "they are part of the hang";
  EXPECT_THAT(outcome.crashes, IsEmpty());
  ASSERT_GE(hang.lines.size(), 4U);
  EXPECT_THAT(hang.lines[0].text, testing::HasSubstr("blocked for more than 10 seconds"));
  EXPECT_THAT(hang.lines[1].text, testing::HasSubstr("msleep+0x"));
  EXPECT_THAT(hang.lines[2].text, testing::HasSubstr("out_of_memory+0x"));
  const auto reports = std::count_if(hang.lines.begin(), hang.lines.end(), [](const auto& line) {
    return line.text.find("blocked for more than") != std::string::npos;
  });
  EXPECT_EQ(reports, 1);
}

TEST_F(StoredRun, KillThatEndsAStallIsNotItsCause) {
  hello();
  beats(2, 3, true);
  console(18.4, "[   18.400000] " + kill_line);
  beats(3, 18.5, false);
  beats(18.5, 30, true);
  event(30, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  EXPECT_EQ(to_string(outcome.hangs[0].kind), "memory-stall");
  EXPECT_EQ(to_string(outcome.hangs[0].cause), "late-kill");
  EXPECT_EQ(to_string(outcome.hangs[0].ended_by), "kill");
}

TEST_F(StoredRun, PanicLongAfterAHungTaskIsACrashAndTheReportIsAHang) {
  hello();
  beats(2, 40, true);
  hung_task(20);
  hung_task(26);
  console(34.5, "[   34.000000] Out of memory and no killable processes...");
  console(34.5, "[   34.000100] Kernel panic - not syncing: System is deadlocked on memory");
  event(40, "end", "guest-gone: guest-reset");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  EXPECT_THAT(outcome.hangs[0].evidence, testing::HasSubstr("task hung in out_of_memory"));
  ASSERT_THAT(outcome.crashes, SizeIs(1));
  EXPECT_EQ(outcome.crashes[0].title, "kernel panic: System is deadlocked on memory");
  EXPECT_TRUE(outcome.crashes[0].panic);
  EXPECT_NEAR(outcome.crashes[0].time_s, 34.5, 0.1);
}

// hung_task_panic: the report is the hang, its panic the crash; neither is both.
TEST_F(StoredRun, PanicOfTheHungTaskDetectorIsTheOnlyCrash) {
  hello();
  beats(2, 26, true);
  hung_task(20);
  hung_task(26);
  console(26.1, "[   26.000100] Kernel panic - not syncing: hung_task: blocked tasks");
  event(30, "end", "guest-gone: guest-reset");
  const verdict::Outcome outcome = derive();
  EXPECT_THAT(outcome.hangs, SizeIs(1));
  ASSERT_THAT(outcome.crashes, SizeIs(1));
  EXPECT_EQ(outcome.crashes[0].title, "kernel panic: hung_task: blocked tasks");
  EXPECT_TRUE(outcome.crashes[0].panic);
}

TEST_F(StoredRun, HardLockupIsAHangAndNoCrash) {
  hello();
  beats(2, 5, true);
  console(20, "[   19.000000] NMI watchdog: Watchdog detected hard LOCKUP on cpu 1");
  console(20, "[   19.000100] Call Trace:");
  console(20, "[   19.000200]  <TASK>");
  console(20, "[   19.000300]  shrink_node+0x11/0x60");
  console(20, "[   19.000400]  </TASK>");
  event(50, "end", "hang-over: every step of on-hang was taken");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  EXPECT_EQ(to_string(outcome.hangs[0].kind), "lockup");
  EXPECT_THAT(outcome.hangs[0].evidence, testing::HasSubstr("hard lockup"));
  EXPECT_THAT(outcome.crashes, IsEmpty());
}

TEST_F(StoredRun, KillInAnUnknownWordingIsUncertain) {
  hello();
  say(2.2, R"({"t":"role","pid":37,"role":"parent"})");
  beats(2, 20, true);
  console(5.1, "[    4.600000] hog invoked oom-killer: gfp_mask=0x0, order=0, oom_score_adj=0");
  console(5.1, "[    4.600100] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),task=a.out,pid=37,uid=0");
  console(5.1, "[    4.600200] Out of memory: Killed the process 37 (a.out) total-vm:952kB");
  event(20, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  EXPECT_THAT(outcome.oom_kills, IsEmpty());
  ASSERT_THAT(outcome.uncertain_kills, SizeIs(1));
  EXPECT_EQ(outcome.uncertain_kills[0].role, "parent");
  EXPECT_EQ(outcome.uncertain_kills[0].pid, 37);
  EXPECT_THAT(outcome.uncertain_kills[0].line.text, testing::HasSubstr("pid=37"));
}

TEST_F(StoredRun, WorkerThatWasKilledLeavesAnInterruptedRun) {
  hello();
  beats(2, 8, true);
  const verdict::Outcome outcome = derive();
  EXPECT_EQ(outcome.end, verdict::End::interrupted);
  EXPECT_NEAR(outcome.watched_s, 8, 0.2);
  EXPECT_THAT(outcome, verdict::HasNoHang());
}

TEST_F(StoredRun, SilenceAfterAPanicIsACrashAlone) {
  hello();
  beats(2, 5, true);
  console(5, "[    4.500000] Kernel panic - not syncing: sysrq triggered crash");
  event(30, "end", "guest-gone: the kernel panicked");
  const verdict::Outcome outcome = derive();
  EXPECT_THAT(outcome, verdict::HasNoHang());
  EXPECT_THAT(outcome, verdict::CrashesWith("sysrq triggered crash"));
}

TEST_F(StoredRun, NoHelloByTheDeadlineCitesTheConsolesLastLines) {
  console(0.5, "[    0.000000] Linux version 6.1.0 (gcc) #1 SMP");
  console(1.0, "[    0.500000] Waiting for root device /dev/vdz...");
  event(60.1, "end", "hang-over: no hello within 60 s");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  EXPECT_EQ(to_string(outcome.hangs[0].kind), "boot");
  EXPECT_THAT(outcome.hangs[0].lines, Not(IsEmpty()));
}

TEST_F(StoredRun, GarbageOnEveryChannelIsNoOutcomeAndNoError) {
  console(0.5, std::string("\x1b[2J\0\xff garbage", 14));
  say(1, "\x1b]0;title\x07 not json");
  ASSERT_TRUE(pulse_->pulse(1, "P P P P P P P"));
  event(2, "end", "nonsense");
  const verdict::Outcome outcome = derive();
  EXPECT_FALSE(outcome.hello);
  EXPECT_THAT(outcome.oom_kills, IsEmpty());
}

TEST_F(StoredRun, KernelsOwnCountIsTheSecondWitness) {
  hello();
  say(2.0, R"({"t":"counters","when":"start","oom_kill":0,"memcg_oom_kill":null,"oops":0,"warn":0})");
  beats(2, 5, true);
  say(5, R"({"t":"exit","code":0,"signal":0})");
  say(5.1, R"({"t":"counters","when":"end","oom_kill":1,"memcg_oom_kill":null,"oops":0,"warn":2})");
  event(5.2, "end", "done: guest-shutdown");
  const verdict::Outcome outcome = derive();
  EXPECT_THAT(outcome.oom_kills, IsEmpty());
  EXPECT_EQ(to_string(outcome.counters.witness), "agent");
  EXPECT_EQ(outcome.counters.oom_kills, 1);
  EXPECT_EQ(outcome.counters.read_s, 5.1);
  EXPECT_EQ(outcome.counters.warnings, 2);
}

TEST_F(StoredRun, RunThatDidNotEndNormallyAndWasNotReadHasNoWitness) {
  hello();
  beats(2, 20, true);
  event(20, "end", "deadline: the scenario's deadline");
  EXPECT_EQ(to_string(derive().counters.witness), "none");
}

TEST_F(StoredRun, LockupReportsNameTheHang) {
  hello();
  beats(2, 5, true);
  console(35, "[   34.000000] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [spin:42]");
  event(50, "end", "hang-over: every step of on-hang was taken");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  EXPECT_EQ(to_string(outcome.hangs[0].kind), "lockup");
  EXPECT_TRUE(outcome.hangs[0].censored);
}

TEST_F(StoredRun, ProgressIsTheCounterAsItWasSeenLast) {
  hello();
  ASSERT_TRUE(pulse_->pulse(2.2, "P 1 2200 1 7 r -"));
  say(2.3, R"({"t":"progress","count":12,"uptime_ms":1864})");
  ASSERT_TRUE(pulse_->pulse(2.4, "P 2 2400 2 9 x 0"));
  event(2.5, "end", "done: guest-shutdown");
  EXPECT_EQ(derive().progress, 12u);
}

TEST_F(StoredRun, ThePulseAloneShowsThatTheProgramStarted) {
  console(0.5, "[    0.000000] Linux version 6.1.0 (gcc) #1 SMP");
  say(2.0, R"({"t":"hello","version":1,"kernel":"6.1.0"})");
  ASSERT_TRUE(pulse_->pulse(2.0, "P 1 2000 1 0 i -"));
  ASSERT_TRUE(pulse_->pulse(2.2, "P 2 2200 1 0 r -"));
  event(9, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  ASSERT_TRUE(outcome.started_s);
  EXPECT_NEAR(*outcome.started_s, 2.2, 0.01);
  EXPECT_EQ(outcome.progress, 0u);
}

TEST_F(StoredRun, TheLastWordsOfAProgramThatFailedAreKept) {
  hello();
  console(2.2, "memcg-oom: the first line");
  console(2.3, "memcg-oom: cannot mount cgroup2: No such device");
  console(2.4, "[    2.300000] reboot: Power down");
  say(2.4, R"({"t":"exit","code":77,"signal":0})");
  event(2.5, "end", "done: guest-shutdown");
  const verdict::Outcome outcome = derive();
  ASSERT_TRUE(outcome.last_words);
  EXPECT_EQ(outcome.last_words->text, "memcg-oom: cannot mount cgroup2: No such device");
  EXPECT_EQ(outcome.last_words->line, 4);
}

TEST_F(StoredRun, AProgramThatDoesNotExistIsReportedByInit) {
  hello();
  console(2.2, "hangar: cannot run /repro/bin/memcg-oom: No such file or directory");
  say(2.4, R"({"t":"exit","code":127,"signal":0})");
  event(2.5, "end", "done: guest-shutdown");
  const verdict::Outcome outcome = derive();
  ASSERT_TRUE(outcome.last_words);
  EXPECT_EQ(outcome.last_words->line, 3);
}

// Ten thousand kills are kept, the rest is counted.
TEST_F(StoredRun, CountsWhatIsBeyondTheCaps) {
  hello();
  for (int i = 0; i < 10'005; ++i) console(5, fmt::format("[{:12.6f}] {}", 5 + i * 1e-6, kill_line));
  const auto outcome = derive();
  EXPECT_EQ(outcome.oom_kills.size(), 10'000u);
  EXPECT_EQ(outcome.left_out.at("kills"), 5u);
  EXPECT_EQ(outcome.left_out.count("boots"), 0u);
}

TEST_F(StoredRun, AProgramThatSucceededHasNoLastWords) {
  hello();
  console(2.2, "memcg-oom: the hog was killed");
  say(2.4, R"({"t":"exit","code":0,"signal":0})");
  event(2.5, "end", "done: guest-shutdown");
  EXPECT_FALSE(derive().last_words);
}

TEST_F(StoredRun, ADamagedIndexOfOneByteWasAConsole) {
  ASSERT_TRUE(fs::remove(directory_->file("serial.log")));
  ASSERT_TRUE(write_file(directory_->file(store::names::serial_times), "0"));
  EXPECT_FALSE(derive_outcome(directory_->path()));
}

TEST_F(StoredRun, JudgingLeavesTheOutcomeAndTellsWhatRunJsonHas) {
  hello();
  event(2.5, "end", "done: guest-shutdown");
  store::RunInfo info;
  info.id = directory_->id();
  info.restored = true;
  info.boot = "a boot";
  info.wall_s = 7;
  ASSERT_TRUE(directory_->save_info(info));
  const auto report = judge_directory(directory_->path(), {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->restored);
  EXPECT_EQ(report->boot, "a boot");
  EXPECT_EQ(report->wall_s, 7);
  EXPECT_TRUE(fs::exists(directory_->file(store::names::outcome)));
  EXPECT_TRUE(fs::exists(directory_->file(store::names::verdict)));
}

}  // namespace
}  // namespace hangar::outcome
