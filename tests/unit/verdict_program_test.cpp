// SPDX-License-Identifier: GPL-2.0-only
// What is expected of every run, though the scenario does not say so.
#include <algorithm>

#include <gmock/gmock.h>

#include "harness/verdict/program.h"

namespace hangar::verdict {
namespace {

using testing::HasSubstr;

Outcome ended_well() {
  Outcome outcome;
  outcome.hello = true;
  outcome.hello_s = 2;
  outcome.started_s = 2.1;
  outcome.watched_s = 20;
  outcome.end = End::done;
  outcome.exit = Exit{0, 0};
  return outcome;
}

ExpectationGroup no_kill() {
  ExpectationGroup expected;
  expected.each_run.oom_kills = Range{0, 0};
  return expected;
}

Hang hang(bool over) {
  Hang one;
  one.kind = HangKind::memory_stall;
  one.start_s = 3;
  one.duration_s = 40;
  one.censored = !over;
  if (over) one.end_s = 43;
  return one;
}

Verdict verdict_of(const ExpectationGroup& expected, const Outcome& outcome) {
  return worst_of(judge_run(expected, outcome));
}

const Judgement* find(const std::vector<Judgement>& judged, const std::string& text) {
  const auto found =
      std::find_if(judged.begin(), judged.end(), [&](const Judgement& one) { return one.text == text; });
  return found == judged.end() ? nullptr : &*found;
}

using subtest::Result;

Outcome with_tests(int ok, int not_ok, int skip) {
  Outcome outcome = ended_well();
  for (int i = 0; i < ok; ++i) outcome.subtests.push_back({"good", Result::ok, ""});
  for (int i = 0; i < not_ok; ++i) outcome.subtests.push_back({"bad", Result::not_ok, ""});
  for (int i = 0; i < skip; ++i) outcome.subtests.push_back({"absent", Result::skip, ""});
  return outcome;
}

TEST(Program, WhoseTestsFailFailsThoughItExitsWith0) {
  EXPECT_EQ(worst_of(judge_run(no_kill(), with_tests(3, 0, 1))), Verdict::pass);
  EXPECT_EQ(worst_of(judge_run(no_kill(), with_tests(3, 1, 0))), Verdict::fail);
  ExpectationGroup any = no_kill();
  any.each_run.any_exit = true;
  EXPECT_EQ(worst_of(judge_run(any, with_tests(3, 1, 0))), Verdict::pass);
}

TEST(Program, WhoseTestsWereMostlySkippedShowsNothing) {
  EXPECT_EQ(worst_of(judge_run(no_kill(), with_tests(1, 0, 2))), Verdict::inconclusive);
  EXPECT_EQ(worst_of(judge_run(no_kill(), with_tests(1, 1, 5))), Verdict::fail);
}

TEST(Program, MayHaveAsManyFailedTestsAsTheScenarioStates) {
  ExpectationGroup expected = no_kill();
  expected.each_run.failed_tests = Range{std::nullopt, 2};
  EXPECT_EQ(worst_of(judge_run(expected, with_tests(5, 2, 0))), Verdict::pass);
  EXPECT_EQ(worst_of(judge_run(expected, with_tests(5, 3, 0))), Verdict::fail);
  EXPECT_EQ(worst_of(judge_run(expected, with_tests(0, 0, 0))), Verdict::fail) << "it reported nothing";
  Outcome cut = with_tests(0, 0, 0);
  cut.end = End::interrupted;
  cut.exit.reset();
  EXPECT_EQ(worst_of(judge_run(expected, cut)), Verdict::inconclusive);
}

TEST(Always, BootStartExitAndNoCrashAreJudged) {
  const auto judged = judge_run(no_kill(), ended_well());
  for (const char* text : {"boots", "starts", "crashes: none", "exit: 0"}) {
    ASSERT_NE(find(judged, text), nullptr) << text;
    EXPECT_EQ(find(judged, text)->verdict, Verdict::pass) << text;
  }
  EXPECT_EQ(verdict_of(no_kill(), ended_well()), Verdict::pass);
}

TEST(Always, NothingStatedIsNoPass) {
  const auto judged = judge_run(ExpectationGroup(), ended_well());
  EXPECT_EQ(worst_of(judged), Verdict::inconclusive);
  EXPECT_EQ(reason(judged.back()), "no expectations");
  Outcome outcome = ended_well();
  outcome.crashes = {{"BUG: x", "BUG", 3, {}}};
  EXPECT_EQ(verdict_of({}, outcome), Verdict::fail) << "a crash is a failure all the same";
}

TEST(Always, AProgramThatSegfaultsFails) {
  Outcome outcome = ended_well();
  outcome.exit = Exit{0, 11};
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::fail);
  ExpectationGroup expected = no_kill();
  expected.each_run.exit_signal = 11;
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::pass);
}

TEST(Always, AnExitStatusIsStatedInPlaceOfZero) {
  Outcome outcome = ended_well();
  outcome.exit = Exit{1, 0};
  outcome.last_words = CitedLine{40, "checker: 3 disagreements"};
  const auto judged = judge_run(no_kill(), outcome);
  EXPECT_EQ(worst_of(judged), Verdict::fail);
  EXPECT_EQ(find(judged, "exit: 0")->got, "1: checker: 3 disagreements");
  ExpectationGroup expected = no_kill();
  expected.each_run.exit_code = 1;
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::pass);
  EXPECT_EQ(find(judge_run(expected, outcome), "exit: 0"), nullptr);
  expected = no_kill();
  expected.each_run.any_exit = true;
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::pass);
}

TEST(Always, ACrashMayBeStated) {
  Outcome outcome = ended_well();
  outcome.crashes = {{"WARNING in x", "WARNING", 3, {}}};
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::fail);
  ExpectationGroup expected = no_kill();
  expected.each_run.any_crashes = true;
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::pass);
  expected = no_kill();
  expected.each_run.crashes = {"WARNING in x"};
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::pass);
}

TEST(Always, WhatIsExpectedToHangNeedNotEnd) {
  Outcome outcome = ended_well();
  outcome.exit.reset();
  outcome.end = End::hang_over;
  outcome.hangs = {hang(false)};
  ExpectationGroup expected;
  expected.each_run.hang = HangExpectation{false, HangKind::memory_stall, {}, {}, {}};
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::pass);
  outcome.exit = Exit{1, 0};
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::fail) << "it ended, and it failed";
  outcome.exit.reset();
  expected.each_run = {};
  expected.each_hung_run.hang = HangExpectation{false, HangKind::memory_stall, {}, {}, {}};
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::pass) << "this run hung, as some do";
}

TEST(Always, WhatIsExpectedToPanicNeedNotEnd) {
  Outcome outcome = ended_well();
  outcome.exit.reset();
  outcome.end = End::guest_gone;
  outcome.crashes = {{"kernel panic: sysrq triggered crash", "PANIC", 3, {}}};
  ExpectationGroup expected;
  expected.each_run.crashes = {"sysrq triggered crash"};
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::pass);
}

// A hang excuses the missing exit status only of a run that ended during it, or because of it.
TEST(Always, AHangThatWasOverDoesNotExcuseAMissingExitStatus) {
  Outcome outcome = ended_well();
  outcome.exit.reset();
  outcome.hangs = {hang(true)};
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::inconclusive) << "done";
  outcome.end = End::guest_gone;
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::fail) << "the guest stopped by itself";
  outcome.hangs = {hang(false)};
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::pass) << "it hung until then";
  outcome.hangs[0].over_s = 60;
  outcome.hangs[0].censored_by = "reset";
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::pass) << "our reset may have stopped it";
  outcome.hangs[0].censored_by = "sysrq-f";
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::fail) << "our f stops no guest";
}

TEST(Always, AGuestThatResetsOrAProgramThatDoesNotEndIsNoPass) {
  Outcome outcome = ended_well();
  outcome.exit.reset();
  outcome.end = End::guest_gone;
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::fail);
  outcome.end = End::deadline;
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::inconclusive);
  outcome.hangs = {hang(true)};
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::inconclusive) << "the hang was over in time";
  outcome.hangs = {hang(false)};
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::pass) << "it went on until the deadline";
  outcome.hangs[0].over_s = 43;
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::inconclusive) << "our SysRq f ended it in time";
}

// Of a kernel that may hang, as v6.1-oom-2015 is judged.
TEST(Always, AGuestThatRecoversFromItsHangAndThenResetsFails) {
  Outcome outcome = ended_well();
  outcome.exit.reset();
  outcome.end = End::guest_gone;
  outcome.hangs = {hang(false)};
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::pass) << "it hung until it was gone";
  outcome.hangs[0].over_s = 43;
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::fail)
      << "our SysRq f ended the hang, then came the reset";
  outcome.hangs = {hang(true)};
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::fail) << "the hang was over before the reset";
}

TEST(Always, AProgramThatDoesNotExistIsAnInfraErrorWhateverIsExpected) {
  Outcome outcome = ended_well();
  outcome.exit = Exit{127, 0};
  outcome.last_words = CitedLine{7, "hangar: cannot run /repro/bin/oom-kil: No such file or directory"};
  ExpectationGroup expected = no_kill();
  const auto judged = judge_run(expected, outcome);
  EXPECT_EQ(worst_of(judged), Verdict::infra_error);
  EXPECT_THAT(find(judged, "starts")->got, HasSubstr("/repro/bin/oom-kil: No such file"));
  expected.each_run.exit_code = 127;
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::infra_error);
}

TEST(Always, AProgramThatWasNotStartedFails) {
  Outcome outcome = ended_well();
  outcome.started_s.reset();
  outcome.exit.reset();
  outcome.end = End::deadline;
  EXPECT_EQ(find(judge_run(no_kill(), outcome), "starts")->verdict, Verdict::fail);
  outcome.end = End::interrupted;
  EXPECT_EQ(verdict_of(no_kill(), outcome), Verdict::inconclusive);
}

TEST(Always, AKernelThatCannotRunTheProgramIsNotJudged) {
  Outcome outcome = ended_well();
  outcome.exit = Exit{exit_cannot_run, 0};
  outcome.last_words = CitedLine{30, "memcg-oom: cannot mount cgroup2: No such device"};
  ExpectationGroup expected;
  expected.each_run.oom_kills = Range{1, 1};
  const auto judged = judge_run(expected, outcome);
  EXPECT_EQ(worst_of(judged), Verdict::inconclusive);
  EXPECT_EQ(
      reason(judged.front()),
      "the program cannot run on this kernel (exit status 77): memcg-oom: cannot mount cgroup2: No such "
      "device");
  outcome.crashes = {{"BUG: x", "BUG", 3, {}}};
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::fail) << "a crash is the kernel's all the same";
}

TEST(Progress, IsTheWorkThatWasDone) {
  ExpectationGroup expected = no_kill();
  expected.each_run.progress = Range{20, {}};
  Outcome outcome = ended_well();
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::fail) << "none was seen";
  outcome.progress = 19;
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::fail);
  outcome.progress = 20;
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::pass);
  outcome.progress = 19;
  outcome.exit.reset();
  outcome.end = End::interrupted;
  EXPECT_EQ(find(judge_run(expected, outcome), "progress: at least 20")->verdict, Verdict::inconclusive);
}

TEST(Progress, MayStillComeOnlyWhileTheProgramRuns) {
  Outcome outcome = ended_well();
  outcome.exit.reset();
  outcome.progress = 19;
  for (const End end : {End::interrupted, End::host_trouble, End::decided}) {
    outcome.end = end;
    EXPECT_EQ(judge_progress({20, {}}, outcome).verdict, Verdict::inconclusive) << to_string(end);
    EXPECT_EQ(judge_progress({{}, 18}, outcome).verdict, Verdict::fail) << "it is too much already";
    EXPECT_EQ(judge_progress({10, 18}, outcome).verdict, Verdict::fail) << "it is too much already";
  }
  outcome.end = End::deadline;
  EXPECT_EQ(judge_progress({20, {}}, outcome).verdict, Verdict::fail);
  outcome.end = End::interrupted;
  outcome.exit = Exit{0, 0};
  EXPECT_EQ(judge_progress({20, {}}, outcome).verdict, Verdict::fail);
  EXPECT_EQ(judge_progress({20, {}}, outcome).text, "progress: at least 20");
  EXPECT_EQ(judge_progress({20, {}}, outcome).got, "19");
}

TEST(Progress, ThatWasNeverSeenIsNone) {
  Outcome outcome = ended_well();
  EXPECT_EQ(judge_progress({1, {}}, outcome).verdict, Verdict::fail);
  EXPECT_EQ(judge_progress({{}, 0}, outcome).verdict, Verdict::pass);
}

TEST(Boots, SayWhenOrWhyNot) {
  Outcome outcome = ended_well();
  EXPECT_EQ(judge_boots(outcome).got, "hello after 2.0 s");
  outcome = {};
  outcome.end = End::deadline;
  outcome.tail = {{3, "VFS: Cannot open root device"}};
  EXPECT_EQ(judge_boots(outcome).verdict, Verdict::fail);
  EXPECT_EQ(judge_boots(outcome).got, "no hello (deadline)");
  ASSERT_EQ(judge_boots(outcome).lines.size(), 1u);
  EXPECT_EQ(judge_boots(outcome).lines[0].line, 3);
  outcome.end = End::interrupted;
  outcome.end_detail = "the worker was killed";
  EXPECT_EQ(judge_boots(outcome).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge_boots(outcome).got, "no hello (interrupted: the worker was killed)");
}

TEST(Starts, ByItsStartOrByItsEnd) {
  Outcome outcome = ended_well();
  EXPECT_EQ(judge_starts(outcome).verdict, Verdict::pass);
  outcome.started_s.reset();
  EXPECT_EQ(judge_starts(outcome).verdict, Verdict::pass) << "what ended was started";
  outcome.exit = Exit{exit_not_started, 9};
  EXPECT_EQ(judge_starts(outcome).verdict, Verdict::pass) << "the status means nothing beside a signal";
  outcome.exit.reset();
  outcome.tail = {{3, "last line"}};
  EXPECT_EQ(judge_starts(outcome).verdict, Verdict::fail);
  EXPECT_EQ(judge_starts(outcome).got, "the program was not started in 20.0 s");
  EXPECT_EQ(judge_starts(outcome).lines.size(), 1u);
}

TEST(Exits, NameTheSignalOrTheStatus) {
  RunExpectation expected;
  Outcome outcome = ended_well();
  EXPECT_EQ(judge_exit(expected, outcome).text, "exit: 0");
  EXPECT_EQ(judge_exit(expected, outcome).got, "0");
  outcome.exit = Exit{0, 11};
  EXPECT_EQ(judge_exit(expected, outcome).verdict, Verdict::fail);
  EXPECT_EQ(judge_exit(expected, outcome).got, "signal 11");
  expected.exit_signal = 9;
  EXPECT_EQ(judge_exit(expected, outcome).text, "exit: signal 9");
  EXPECT_EQ(judge_exit(expected, outcome).verdict, Verdict::fail);
  outcome.exit = Exit{0, 9};
  EXPECT_EQ(judge_exit(expected, outcome).verdict, Verdict::pass);
  expected = {};
  expected.exit_code = 3;
  outcome.exit = Exit{3, 9};
  EXPECT_EQ(judge_exit(expected, outcome).verdict, Verdict::fail) << "it did not exit";
}

TEST(Exits, OfAProgramThatDidNotEndCiteWhy) {
  Outcome outcome = ended_well();
  outcome.exit.reset();
  outcome.end = End::guest_gone;
  const Judgement gone = judge_exit({}, outcome);
  EXPECT_EQ(gone.verdict, Verdict::fail);
  EXPECT_EQ(gone.got, "the reproducer had not ended when watching ended (guest-gone, 20.0 s)");
  outcome.crashes = {{"BUG: x", "BUG", 3, {11, "BUG"}}, {"BUG: y", "BUG", 4, {12, "BUG"}}};
  ASSERT_EQ(judge_exit({}, outcome).lines.size(), 1u);
  EXPECT_EQ(judge_exit({}, outcome).lines[0].line, 11);
  outcome.end = End::deadline;
  EXPECT_EQ(judge_exit({}, outcome).verdict, Verdict::inconclusive);
}

TEST(CannotRun, IsAnExitStatusAndNoSignal) {
  Outcome outcome = ended_well();
  EXPECT_FALSE(cannot_run(outcome));
  outcome.exit = Exit{exit_cannot_run, 0};
  EXPECT_TRUE(cannot_run(outcome));
  outcome.exit = Exit{exit_cannot_run, 9};
  EXPECT_FALSE(cannot_run(outcome));
  outcome.exit.reset();
  EXPECT_FALSE(cannot_run(outcome));
}

TEST(CannotRun, MayBeWhatIsExpected) {
  Outcome outcome = ended_well();
  outcome.exit = Exit{exit_cannot_run, 0};
  ExpectationGroup expected;
  expected.each_run.exit_code = exit_cannot_run;
  EXPECT_EQ(verdict_of(expected, outcome), Verdict::pass);
}

TEST(ExpectsExit0, UnlessAnEndIsStatedOrExcused) {
  const Outcome ended = ended_well();
  Outcome running = ended;
  running.exit.reset();
  Outcome hung = running;
  hung.end = End::hang_over;
  hung.hangs = {hang(true)};
  ExpectationGroup expected = no_kill();
  EXPECT_TRUE(expects_exit_0(expected, ended));
  EXPECT_TRUE(expects_exit_0(expected, running));
  EXPECT_FALSE(expects_exit_0(expected, hung)) << "the hang was why watching ended";
  expected.each_hung_run.exit_signal = 9;
  EXPECT_TRUE(expects_exit_0(expected, ended)) << "it did not hang";
  hung.exit = Exit{0, 0};
  EXPECT_FALSE(expects_exit_0(expected, hung)) << "another end is stated of runs that hung";
  expected = no_kill();
  EXPECT_TRUE(expects_exit_0(expected, hung)) << "it hung, and ended all the same";
  expected.each_run.hang = HangExpectation{false, HangKind::task, {}, {}, {}};
  EXPECT_FALSE(expects_exit_0(expected, running)) << "it was to hang";
  expected = no_kill();
  expected.each_run.crashes = {"BUG"};
  EXPECT_FALSE(expects_exit_0(expected, running)) << "it was to crash";
}

TEST(Expectation, HangsAreRequiredOrAllowed) {
  RunExpectation run;
  EXPECT_FALSE(requires_hang(run));
  run.hang = HangExpectation{};
  run.hang->longest_s = Range{{}, 30};
  EXPECT_FALSE(requires_hang(run)) << "no hang at all is within it";
  run.hang->longest_s = Range{10, {}};
  EXPECT_TRUE(requires_hang(run));
  ExpectationGroup group;
  EXPECT_FALSE(expects_hang(group));
  group.cell.hang_rate = Range{{}, 0.1};
  EXPECT_FALSE(expects_hang(group));
  group.cell.hang_rate = Range{0.5, {}};
  EXPECT_TRUE(expects_hang(group));
}

}  // namespace
}  // namespace hangar::verdict
