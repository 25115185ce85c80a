// SPDX-License-Identifier: GPL-2.0-only
// What judgements say, which lines they cite, and what a run that was cut short leaves open.
#include <gmock/gmock.h>

#include "harness/verdict/judge.h"

namespace hangar::verdict {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

Outcome ran(End end = End::done) {
  Outcome outcome;
  outcome.hello = true;
  outcome.hello_s = 2;
  outcome.started_s = 2.1;
  outcome.end = end;
  outcome.watched_s = 20;
  outcome.exit = Exit{0, 0};
  return outcome;
}

Hang hang_of(const std::string& kind, double duration_s, std::int64_t line = 7) {
  Hang hang;
  hang.kind = from_word<HangKind>(kind).value();
  hang.start_s = 5;
  hang.duration_s = duration_s;
  hang.end_s = hang.over_s = 5 + duration_s;
  hang.ended_by = HangEnd::recovery;
  hang.lines = {{line, "INFO: task hog:41 blocked"}};
  return hang;
}

OomKill kill_of(const std::string& role, std::int64_t pid, bool sysrq = false) {
  return {4, pid, "a.out", role, {100 + pid, "Killed process"}, sysrq};
}

// The judgement whose text begins so.
Judgement about(const std::string& begins, const RunExpectation& expected, const Outcome& outcome) {
  for (Judgement& judgement : judge_run(expected, outcome)) {
    if (judgement.text.starts_with(begins)) return std::move(judgement);
  }
  ADD_FAILURE() << "no judgement begins with " << begins;
  return {};
}

std::vector<std::int64_t> numbers_of(const Judgement& judgement) {
  std::vector<std::int64_t> numbers;
  for (const CitedLine& line : judgement.lines) numbers.push_back(line.line);
  return numbers;
}

RunExpectation expecting(const HangExpectation& hang) {
  RunExpectation expected;
  expected.hang = hang;
  return expected;
}

HangExpectation no_hang() {
  HangExpectation hang;
  hang.none = true;
  return hang;
}

HangExpectation of_kind(const std::string& kind) {
  HangExpectation hang;
  hang.kind = from_word<HangKind>(kind).value();
  return hang;
}

HangExpectation longest(std::optional<double> at_least, std::optional<double> at_most) {
  HangExpectation hang;
  hang.longest_s = Range{at_least, at_most};
  return hang;
}

TEST(JudgeText, HangsNameTheirKindCausePlaceLengthAndEnd) {
  Hang hang = hang_of("memory-stall", 15);
  EXPECT_EQ(to_text(hang), "memory-stall of 15.0 s from 5.0 s, ended by recovery");
  hang.cause = StallCause::late_kill;
  hang.where = "out_of_memory";
  hang.ended_by = HangEnd::kill;
  EXPECT_EQ(to_text(hang), "memory-stall (late-kill) in out_of_memory of 15.0 s from 5.0 s, ended by kill");
  hang.censored = true;
  hang.ended_by = HangEnd::end;
  EXPECT_THAT(to_text(hang), EndsWith("of at least 15.0 s from 5.0 s, not over when watching ended"));
}

TEST(JudgeText, AnExpectedHangIsNamedByAllThatIsStated) {
  HangExpectation hang = of_kind("task");
  hang.cause = StallCause::no_kill;
  hang.longest_s = Range{5, 30};
  hang.ended_by = HangEnd::kill;
  EXPECT_EQ(about("hang", expecting(hang), ran()).text,
            "hang: kind task, cause no-kill, longest between 5 and 30 s, ended by kill");
}

TEST(JudgeText, NoHang) {
  EXPECT_EQ(about("hang", expecting(no_hang()), ran()).got, "none in 20.0 s");
  const Judgement cut = about("hang", expecting(no_hang()), ran(End::interrupted));
  EXPECT_EQ(cut.verdict, Verdict::inconclusive);
  EXPECT_EQ(cut.got, "none in the 20.0 s watched, but the run was cut short");
}

TEST(JudgeText, WithoutAHangThatMatchesTheLongestOtherOneIsShown) {
  const Judgement none = about("hang", expecting(of_kind("task")), ran());
  EXPECT_EQ(none.verdict, Verdict::fail);
  EXPECT_EQ(none.got, "no hang in 20.0 s");
  EXPECT_THAT(none.lines, IsEmpty());
  Outcome outcome = ran();
  outcome.hangs = {hang_of("lockup", 11, 7), hang_of("hard", 12, 8)};
  const Judgement other = about("hang", expecting(of_kind("task")), outcome);
  EXPECT_EQ(other.verdict, Verdict::fail);
  EXPECT_THAT(other.got, HasSubstr("hard of 12.0 s"));
  EXPECT_EQ(numbers_of(other), std::vector<std::int64_t>{8});
  outcome.end = End::interrupted;
  EXPECT_EQ(about("hang", expecting(of_kind("task")), outcome).verdict, Verdict::inconclusive);
}

TEST(JudgeText, NoHangIsOfLengthZeroOnlyIfNothingElseIsStated) {
  EXPECT_EQ(about("hang", expecting(longest({}, 30)), ran()).verdict, Verdict::pass);
  EXPECT_EQ(about("hang", expecting(longest({}, 30)), ran(End::interrupted)).verdict, Verdict::inconclusive);
  HangExpectation hang = longest({}, 30);
  hang.kind = HangKind::task;
  EXPECT_EQ(about("hang", expecting(hang), ran()).verdict, Verdict::fail);
  hang = longest({}, 30);
  hang.cause = StallCause::no_kill;
  EXPECT_EQ(about("hang", expecting(hang), ran()).verdict, Verdict::fail);
  hang = longest({}, 30);
  hang.ended_by = HangEnd::kill;
  EXPECT_EQ(about("hang", expecting(hang), ran()).verdict, Verdict::fail);
}

TEST(JudgeText, TheCauseOfAHangIsOpenWhileAKillIs) {
  HangExpectation expected = of_kind("memory-stall");
  expected.cause = StallCause::no_kill;
  Outcome outcome = ran();
  outcome.hangs = {hang_of("memory-stall", 15)};
  outcome.hangs[0].cause = StallCause::no_kill;
  EXPECT_EQ(about("hang", expecting(expected), outcome).verdict, Verdict::pass);
  outcome.left_out["kills"] = 3;
  EXPECT_EQ(about("hang", expecting(expected), outcome).verdict, Verdict::inconclusive);
  outcome.left_out.clear();
  outcome.uncertain_kills = {kill_of("hog", 41)};
  EXPECT_EQ(about("hang", expecting(expected), outcome).verdict, Verdict::inconclusive);
  expected.longest_s = Range{30, {}};
  EXPECT_EQ(about("hang", expecting(expected), outcome).verdict, Verdict::fail)
      << "too short, whatever the cause";
}

Verdict kills(std::optional<double> at_least, std::optional<double> at_most, const Outcome& outcome) {
  RunExpectation expected;
  expected.oom_kills = Range{at_least, at_most};
  return about("oom-kills", expected, outcome).verdict;
}

TEST(JudgeText, MoreKillsCouldHaveComeInARunThatWasCutShort) {
  Outcome outcome = ran(End::interrupted);
  outcome.oom_kills = {kill_of("hog", 41), kill_of("hog", 42)};
  EXPECT_EQ(kills(3, {}, outcome), Verdict::inconclusive);
  EXPECT_EQ(kills(3, 3, outcome), Verdict::inconclusive);
  EXPECT_EQ(kills(2, {}, outcome), Verdict::pass);
  EXPECT_EQ(kills(2, 2, outcome), Verdict::inconclusive);
  EXPECT_EQ(kills({}, 1, outcome), Verdict::fail);
  EXPECT_EQ(kills(0, 1, outcome), Verdict::fail);
  outcome.end = End::done;
  EXPECT_EQ(kills(3, {}, outcome), Verdict::fail);
  EXPECT_EQ(kills(2, 2, outcome), Verdict::pass);
}

Judgement victims(std::vector<std::string> names, const Outcome& outcome) {
  RunExpectation expected;
  expected.victims = std::move(names);
  return about("victims", expected, outcome);
}

TEST(JudgeText, VictimsAreListedInOrderWithTheirLines) {
  Outcome outcome = ran();
  EXPECT_EQ(victims({"hog"}, outcome).got, "none");
  outcome.oom_kills = {kill_of("hog", 41), kill_of("child", 40), kill_of("hog", 42, true)};
  const Judgement judged = victims({"hog", "child?"}, outcome);
  EXPECT_EQ(judged.text, "victims: [hog, child?]");
  EXPECT_EQ(judged.got, "hog (pid 41), child (pid 40)");
  EXPECT_EQ(numbers_of(judged), (std::vector<std::int64_t>{141, 140}));
}

TEST(JudgeText, MoreVictimsCouldHaveComeInARunThatWasCutShort) {
  Outcome outcome = ran(End::host_trouble);
  outcome.oom_kills = {kill_of("hog", 41)};
  EXPECT_EQ(victims({"hog", "child"}, outcome).verdict, Verdict::inconclusive);
  EXPECT_EQ(victims({"hog"}, outcome).verdict, Verdict::inconclusive);
  EXPECT_EQ(victims({"child"}, outcome).verdict, Verdict::fail);
}

TEST(JudgeText, CrashesAreListedWithTheirLines) {
  Outcome outcome = ran();
  outcome.crashes = {{"BUG: a in f", "BUG", 3, {11, "BUG"}}, {"WARNING in g", "WARNING", 4, {12, "WARNING"}}};
  RunExpectation expected;
  expected.crashes = {"BUG: a", "WARNING"};
  const Judgement both = about("crashes", expected, outcome);
  EXPECT_EQ(both.verdict, Verdict::pass);
  EXPECT_EQ(both.text, "crashes: [BUG: a, WARNING]");
  EXPECT_EQ(both.got, "BUG: a in f; WARNING in g");
  EXPECT_EQ(numbers_of(both), (std::vector<std::int64_t>{11, 12}));
  expected.crashes = {"BUG: a", "KASAN"};
  EXPECT_EQ(about("crashes", expected, outcome).verdict, Verdict::fail) << "all titles are expected";
  outcome.end = End::interrupted;
  EXPECT_EQ(about("crashes", expected, outcome).verdict, Verdict::inconclusive);
  expected.crashes.emplace();
  EXPECT_EQ(about("crashes", expected, outcome).verdict, Verdict::fail) << "none are expected";
  outcome.crashes.clear();
  EXPECT_EQ(about("crashes", expected, outcome).verdict, Verdict::inconclusive);
  EXPECT_EQ(about("crashes", expected, outcome).got, "none");
}

TEST(JudgeText, FindingsAreListedAndThatWhichIsExpectedIsCited) {
  RunExpectation expected;
  expected.finding = "not-moving";
  Outcome outcome = ran();
  EXPECT_EQ(about("finding", expected, outcome).got, "no findings");
  outcome.findings = {{"common-wait", "", Certainty::probable, {{1, "a"}}},
                      {"not-moving", "", Certainty::probable, {{2, "b"}}}};
  const Judgement judged = about("finding", expected, outcome);
  EXPECT_EQ(judged.verdict, Verdict::pass);
  EXPECT_EQ(judged.got, "common-wait, not-moving");
  EXPECT_EQ(numbers_of(judged), std::vector<std::int64_t>{2});
  outcome.findings.pop_back();
  EXPECT_EQ(about("finding", expected, outcome).verdict, Verdict::fail);
  EXPECT_THAT(about("finding", expected, outcome).lines, IsEmpty());
}

TEST(JudgeText, WhatWasNeverTriedIsExcusedWithTheReason) {
  Outcome outcome;
  outcome.end = End::deadline;
  outcome.watched_s = 60;
  outcome.hangs = {hang_of("boot", 60)};
  outcome.crashes = {{"BUG: x", "BUG", 3, {11, "BUG"}}};
  RunExpectation expected = expecting(no_hang());
  expected.oom_kills = Range{1, {}};
  EXPECT_EQ(about("oom-kills", expected, outcome).verdict, Verdict::inconclusive);
  EXPECT_EQ(about("oom-kills", expected, outcome).got, "0 (the guest sent no hello)");
  EXPECT_EQ(about("hang", expected, outcome).verdict, Verdict::fail);
  EXPECT_EQ(about("crashes", expected, outcome).verdict, Verdict::fail);
  EXPECT_EQ(about("boots", expected, outcome).verdict, Verdict::fail);
}

TEST(JudgeText, CrashesOfHungRunsMayBeStatedForThemAlone) {
  ExpectationGroup expected;
  expected.each_hung_run.any_crashes = true;
  Outcome outcome = ran();
  outcome.crashes = {{"BUG: x", "BUG", 3, {11, "BUG"}}};
  EXPECT_EQ(worst_of(judge_run(expected, outcome)), Verdict::fail) << "this run did not hang";
  outcome.hangs = {hang_of("task", 15)};
  EXPECT_EQ(worst_of(judge_run(expected, outcome)), Verdict::pass);
}

TEST(JudgeText, AReasonNamesBothSides) {
  EXPECT_EQ(reason({"hang: none", Verdict::fail, "task of 15.1 s", {}}),
            "expected hang: none; got task of 15.1 s");
}

Judgement rate(const Range& expected, int hits, int runs, std::optional<int> boots) {
  return judge_cell({expected}, stats::exact_estimate(hits, runs), boots).front();
}

TEST(JudgeText, ARateOfOneBootDecidesNothingUnlessItIsOneRun) {
  EXPECT_EQ(rate({{}, 0.01}, 1, 1, 1).verdict, Verdict::fail) << "one run of one boot, from 0.025 to 1";
  EXPECT_EQ(rate({{}, 0.01}, 2, 2, 1).verdict, Verdict::inconclusive);
  EXPECT_THAT(rate({{}, 0.01}, 2, 2, 1).got,
              EndsWith("of 1 boot: runs of one boot are not independent, use --guests 5"));
  EXPECT_THAT(rate({{}, 0.5}, 2, 2, 1).got, EndsWith("of 1 boot")) << "not excluded anyway";
  EXPECT_EQ(rate({{}, 0.01}, 2, 2, 2).verdict, Verdict::fail);
  EXPECT_THAT(judge_cell({}, stats::exact_estimate(1, 2)), IsEmpty());
}

}  // namespace
}  // namespace hangar::verdict
