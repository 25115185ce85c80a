// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/verdict/why.h"

namespace hangar::verdict {
namespace {

Hang hang_of(const std::string& kind, double start_s, double duration_s, const std::string& ended_by = "") {
  Hang hang;
  hang.kind = from_word<HangKind>(kind).value();
  hang.start_s = start_s;
  hang.duration_s = duration_s;
  hang.censored = ended_by.empty();
  if (!hang.censored) {
    hang.end_s = start_s + duration_s;
    hang.ended_by = from_word<HangEnd>(ended_by);
  }
  return hang;
}

Crash crash_at(double time_s, const std::string& title) {
  Crash crash;
  crash.title = title;
  crash.time_s = time_s;
  return crash;
}

OomKill kill_of(double time_s, std::int64_t pid, const std::string& role) {
  OomKill kill;
  kill.time_s = time_s;
  kill.pid = pid;
  kill.comm = "oom-kill";
  kill.role = role;
  return kill;
}

// The scenario oom-kill: one kill, of the hog, and nothing else.
RunExpectation one_kill() {
  RunExpectation expected;
  expected.hang = HangExpectation{};
  expected.hang->none = true;
  expected.oom_kills = Range{1, 1};
  expected.victims = {"hog"};
  expected.crashes.emplace();
  expected.exit_code = 0;
  return expected;
}

Outcome booted(End end = End::done) {
  Outcome outcome;
  outcome.hello = true;
  outcome.started_s = 2.1;
  outcome.end = end;
  outcome.watched_s = 62;
  if (end == End::done) outcome.exit = Exit{};
  return outcome;
}

std::string why(const Outcome& outcome, const RunExpectation& expected = one_kill()) {
  const auto judgements = judge_run(expected, outcome);
  return why_of(worst_of(judgements), outcome, judgements);
}

// The eight planted faults of tests/data/planted, as their outcomes look.
TEST(WhyOfPlantedFaults, WrongVictim) {
  Outcome outcome = booted();
  outcome.oom_kills = {kill_of(3, 39, "parent"), kill_of(3.5, 41, "hog")};
  EXPECT_EQ(why(outcome), "expected victims: [hog]; got parent (pid 39), hog (pid 41)");
}

TEST(WhyOfPlantedFaults, SleepBelowOomLock) {
  Outcome outcome = booted();
  outcome.hangs = {hang_of("memory-stall", 3, 15.5, "kill")};
  outcome.oom_kills = {kill_of(18.4, 41, "hog")};
  EXPECT_EQ(why(outcome), "memory-stall of 15.5 s from 3.0 s, ended by kill");
}

TEST(WhyOfPlantedFaults, SleepBelowOomLockUntilThePanic) {
  Outcome outcome = booted(End::guest_gone);
  outcome.hangs = {hang_of("task", 3, 30.1)};
  outcome.crashes = {crash_at(33.4, "kernel panic: System is deadlocked on memory")};
  EXPECT_EQ(
      why(outcome),
      "task of at least 30.1 s from 3.0 s; then kernel panic: System is deadlocked on memory at 33.4 s");
}

TEST(WhyOfPlantedFaults, NullDereferenceBeforeTheLockupThatFollows) {
  Outcome outcome = booted(End::deadline);
  outcome.crashes = {
      crash_at(2.6, "BUG: unable to handle kernel NULL pointer dereference in oom_kill_process")};
  outcome.hangs = {hang_of("lockup", 3.0, 59.1)};
  EXPECT_EQ(
      why(outcome),
      "BUG: unable to handle kernel NULL pointer dereference in oom_kill_process at 2.6 s; then lockup of "
      "at least 59.1 s from 3.0 s");
  // The last heartbeat is older than the report.
  outcome.hangs = {hang_of("lockup", 2.1, 59.1)};
  EXPECT_THAT(why(outcome), testing::StartsWith("BUG: unable to handle"));
}

TEST(WhyOfPlantedFaults, Warning) {
  Outcome outcome = booted();
  outcome.crashes = {crash_at(2.6, "WARNING in __alloc_pages")};
  outcome.oom_kills = {kill_of(2.7, 41, "hog")};
  EXPECT_EQ(why(outcome), "WARNING in __alloc_pages at 2.6 s");
  // The kernel continues after a warning: what else is wrong does not follow from it.
  outcome.oom_kills.push_back(kill_of(2.9, 39, "parent"));
  EXPECT_EQ(
      why(outcome),
      "WARNING in __alloc_pages at 2.6 s; also expected victims: [hog]; got hog (pid 41), parent (pid 39)");
}

TEST(WhyOfPlantedFaults, DeadlockOnOomLock) {
  Outcome outcome = booted(End::deadline);
  outcome.hangs = {hang_of("memory-stall", 3, 57)};
  outcome.hangs[0].cause = StallCause::no_kill;
  EXPECT_EQ(why(outcome), "memory-stall (no-kill) of at least 57.0 s from 3.0 s");
}

TEST(WhyOfPlantedFaults, SpinBelowOomLock) {
  Outcome outcome = booted(End::deadline);
  outcome.hangs = {hang_of("lockup", 3, 57)};
  EXPECT_EQ(why(outcome), "lockup of at least 57.0 s from 3.0 s");
}

TEST(WhyOfPlantedFaults, Panic) {
  Outcome outcome = booted(End::guest_gone);
  outcome.crashes = {crash_at(2.6, "kernel panic: planted")};
  EXPECT_EQ(why(outcome), "kernel panic: planted at 2.6 s");
}

TEST(WhyOfPlantedFaults, BugBeforeTheReproducersHang) {
  Outcome outcome = booted(End::hang_over);
  outcome.crashes = {crash_at(8.0, "kernel BUG in __alloc_pages")};
  outcome.hangs = {hang_of("reproducer", 6.5, 35.1, "sysrq-f")};
  EXPECT_EQ(why(outcome),
            "kernel BUG in __alloc_pages at 8.0 s; then reproducer of 35.1 s from 6.5 s, ended by sysrq-f");
}

TEST(Why, ACrashLongAfterTheHangBeganFollowsFromIt) {
  Outcome outcome = booted(End::deadline);
  outcome.crashes = {crash_at(40, "WARNING in shrink_node")};
  outcome.hangs = {hang_of("memory-stall", 8, 50)};
  EXPECT_EQ(why(outcome),
            "memory-stall of at least 50.0 s from 8.0 s; then WARNING in shrink_node at 40.0 s");
}

TEST(Why, TheSameReportTwiceIsOneCause) {
  Outcome outcome = booted();
  outcome.oom_kills = {kill_of(1, 41, "hog")};
  outcome.crashes = {crash_at(2, "WARNING in a"), crash_at(3, "WARNING in a"), crash_at(4, "WARNING in b")};
  EXPECT_EQ(why(outcome), "WARNING in a at 2.0 s; then WARNING in b at 4.0 s");
}

TEST(Why, ACrashThatDidNotComeIsStated) {
  RunExpectation expected = one_kill();
  expected.crashes = {{"kernel BUG in __alloc_pages"}};
  Outcome outcome = booted();
  outcome.oom_kills = {kill_of(1, 41, "hog")};
  outcome.crashes = {crash_at(2, "WARNING in a")};
  EXPECT_EQ(why(outcome, expected), "expected crashes: [kernel BUG in __alloc_pages]; got WARNING in a");
}

TEST(Why, AnInterruptedRunReportsThatAndNotItsExpectations) {
  Outcome outcome = booted(End::interrupted);
  outcome.watched_s = 13.94;
  EXPECT_EQ(why(outcome), "interrupted after 13.9 s");
}

TEST(Why, OfAPassWhatWasObserved) {
  Outcome outcome = booted();
  outcome.oom_kills = {kill_of(3, 41, "hog")};
  EXPECT_EQ(why(outcome), "as expected");
  outcome.findings = {{"child-sacrificed", "child 42 was killed for hog", Certainty::certain, {}}};
  EXPECT_EQ(why(outcome), "child 42 was killed for hog");
}

TEST(Why, WhatIsNotExpectedOrExcludedIsMentioned) {
  Outcome outcome = booted();
  outcome.crashes = {crash_at(2.6, "WARNING in a")};
  outcome.hangs = {hang_of("task", 3, 15.1, "recovery")};
  outcome.oom_kills = {kill_of(3, 41, "hog")};
  RunExpectation only_kills;
  only_kills.oom_kills = Range{1, 1};
  const auto judgements = judge_run(only_kills, outcome);
  EXPECT_THAT(
      not_covered(outcome, {}),
      "not expected or excluded: WARNING in a at 2.6 s; task of 15.1 s from 3.0 s, ended by recovery");
  EXPECT_THAT(why_of(Verdict::pass, outcome, judgements),
              testing::StartsWith("as expected; not expected or excluded: "));
  EXPECT_EQ(not_covered(outcome, judge_run(one_kill(), outcome)), "");
}

TEST(Why, KernelReportsThatMakeNoHangAreMentioned) {
  Outcome outcome = booted();
  outcome.oom_kills = {kill_of(3, 41, "hog")};
  outcome.reports = {{HangKind::lockup, "INFO: rcu detected stall in f", 20, {}}};
  EXPECT_EQ(
      why(outcome),
      "as expected; the kernel reported INFO: rcu detected stall in f at 20.0 s (not counted as a hang)");
  outcome.reports.push_back({HangKind::lockup, "INFO: rcu detected stall in f", 40, {}});
  outcome.reports.push_back({HangKind::task, "INFO: task can't die in g", 50, {}});
  outcome.findings = {{"child-sacrificed", "child 42 was killed for hog.", Certainty::certain, {}}};
  EXPECT_EQ(why(outcome),
            "child 42 was killed for hog; the kernel reported INFO: rcu detected stall in f at 20.0 s, INFO: "
            "task can't die in g at 50.0 s (not counted as hangs)");
  for (const char* title : {"a", "b"}) outcome.reports.push_back({HangKind::lockup, title, 60, {}});
  EXPECT_THAT(why(outcome), testing::HasSubstr("a at 60.0 s, and 1 more (not counted as hangs)"));
}

// A hang is confirmed after 10 s: what crashes within them may have caused it.
TEST(Why, ACrashWithinTenSecondsOfTheHangComesFirst) {
  Outcome outcome = booted(End::deadline);
  outcome.hangs = {hang_of("memory-stall", 8, 50)};
  for (const double crash_s : {8.0, 12.0, 18.0}) {
    outcome.crashes = {crash_at(crash_s, "WARNING in f")};
    EXPECT_THAT(why(outcome), testing::StartsWith("WARNING in f at ")) << crash_s;
  }
  for (const double crash_s : {18.1, 40.0}) {
    outcome.crashes = {crash_at(crash_s, "WARNING in f")};
    EXPECT_THAT(why(outcome), testing::StartsWith("memory-stall of ")) << crash_s;
  }
}

TEST(Why, VictimsAreWrongFromTheFirstKillAndTheirNumberFromTheLast) {
  Outcome outcome = booted();
  outcome.oom_kills = {kill_of(3, 39, "parent"), kill_of(9, 41, "hog")};
  outcome.crashes = {crash_at(6, "WARNING in f")};
  RunExpectation expected = one_kill();
  expected.victims.reset();
  EXPECT_THAT(why(outcome, expected), testing::StartsWith("WARNING in f at 6.0 s; also expected oom-kills"));
  expected = one_kill();
  expected.oom_kills.reset();
  EXPECT_THAT(
      why(outcome, expected),
      testing::StartsWith("expected victims: [hog]; got parent (pid 39), hog (pid 41); then WARNING"));
}

TEST(Why, WithoutAKillItsJudgementsAreOfTheEnd) {
  Outcome outcome = booted();
  outcome.crashes = {crash_at(6, "WARNING in f")};
  EXPECT_THAT(why(outcome),
              testing::StartsWith("WARNING in f at 6.0 s; also expected oom-kills: exactly 1; got 0"));
}

TEST(Why, ThreeEventsAreNamedAtMost) {
  Outcome outcome = booted();
  outcome.oom_kills = {kill_of(1, 41, "hog")};
  for (const char* title : {"BUG: a", "BUG: b", "BUG: c", "BUG: d"})
    outcome.crashes.push_back(crash_at(2 + static_cast<double>(outcome.crashes.size()), title));
  EXPECT_EQ(why(outcome), "BUG: a at 2.0 s; then BUG: b at 3.0 s; then BUG: c at 4.0 s");
}

TEST(Why, OnlyJudgementsWithTheVerdictAreExplained) {
  Outcome outcome = booted();
  outcome.oom_kills = {kill_of(3, 41, "hog")};
  EXPECT_EQ(earliest_cause(outcome, judge_run(one_kill(), outcome)), "");
  outcome.uncertain_kills = {kill_of(4, 42, "hog")};
  const auto judgements = judge_run(one_kill(), outcome);
  EXPECT_EQ(earliest_cause(outcome, judgements), "") << "none failed";
  EXPECT_THAT(earliest_cause(outcome, judgements, Verdict::inconclusive),
              testing::StartsWith("expected oom-kills: exactly 1; got 1 (a victim was chosen"));
  EXPECT_THAT(why(outcome), testing::StartsWith("expected oom-kills: exactly 1; got 1 (a victim was chosen"));
}

// How memory got stuck before who was killed.
TEST(Why, OfSeveralFindingsTheWeightiestIsShown) {
  Outcome outcome = booted();
  const std::vector<std::string> in_order = {"mmap-lock-livelock",  "silent-hang",
                                             "reaper-failed",       "dying-tasks-in-allocator",
                                             "victim-frees-little", "child-sacrificed"};
  outcome.findings = {{"common-wait", "common-wait", Certainty::probable, {}}};
  EXPECT_EQ(why_of(Verdict::pass, outcome, {}), "common-wait");
  for (auto id = in_order.rbegin(); id != in_order.rend(); ++id) {
    outcome.findings.push_back({*id, *id, Certainty::certain, {}});
    EXPECT_EQ(why_of(Verdict::pass, outcome, {}), *id);
  }
}

TEST(Why, AHangThatIsExpectedIsWhatWasObserved) {
  Outcome outcome = booted(End::hang_over);
  outcome.hangs = {hang_of("task", 3, 15.1, "recovery")};
  RunExpectation expected;
  expected.hang = HangExpectation{};
  expected.hang->kind = HangKind::task;
  EXPECT_EQ(why(outcome, expected), "task of 15.1 s from 3.0 s, ended by recovery");
}

TEST(Why, ThreeReportsAreNamedAtMost) {
  Outcome outcome = booted();
  for (const char* title : {"a", "b", "c"}) outcome.reports.push_back({HangKind::lockup, title, 60, {}});
  EXPECT_EQ(not_covered(outcome, {}),
            "the kernel reported a at 60.0 s, b at 60.0 s, c at 60.0 s (not counted as hangs)");
  outcome.reports.push_back({HangKind::lockup, "d", 60, {}});
  EXPECT_THAT(not_covered(outcome, {}), testing::EndsWith("c at 60.0 s, and 1 more (not counted as hangs)"));
}

TEST(Why, WhatIsNotExpectedIsListedInOrderOfTime) {
  Outcome outcome = booted();
  outcome.hangs = {hang_of("task", 3, 15.1, "recovery")};
  outcome.crashes = {crash_at(40, "BUG: late")};
  outcome.reports = {{HangKind::lockup, "INFO: stall", 50, {}}};
  EXPECT_EQ(
      not_covered(outcome, {}),
      "not expected or excluded: task of 15.1 s from 3.0 s, ended by recovery; BUG: late at 40.0 s; the "
      "kernel reported INFO: stall at 50.0 s (not counted as a hang)");
}

TEST(Why, NothingExpectedIsNeverAsExpected) {
  EXPECT_EQ(why_of(Verdict::pass, booted(), {}), "no expectations");
}

TEST(Why, HostTroubleIsExplainedByItsDetail) {
  Outcome outcome = booted(End::host_trouble);
  outcome.end_detail = "the disk is full";
  EXPECT_EQ(why_of(Verdict::infra_error, outcome, {}), "the disk is full");
}

}  // namespace
}  // namespace hangar::verdict
