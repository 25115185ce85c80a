// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "harness/verdict/judge.h"
#include "harness/verdict/matchers.h"

namespace hangar::verdict {
namespace {

using testing::Gt;
using testing::HasSubstr;
using testing::Not;

Outcome booted() {
  Outcome outcome;
  outcome.hello = true;
  outcome.hello_s = 2;
  outcome.started_s = 2.1;
  outcome.end = End::done;
  outcome.watched_s = 20;
  outcome.exit = Exit{0, 0};
  return outcome;
}

const Judgement& of(const std::vector<Judgement>& judged, const std::string& text) {
  static const Judgement none{"no such judgement", Verdict::infra_error, "", {}};
  const auto found = std::find_if(judged.begin(), judged.end(),
                                  [&](const Judgement& one) { return one.text.starts_with(text); });
  return found == judged.end() ? none : *found;
}

Hang stall(double duration, bool censored) {
  Hang hang;
  hang.kind = HangKind::memory_stall;
  hang.cause = StallCause::victim_stuck;
  hang.start_s = 5;
  hang.duration_s = duration;
  hang.censored = censored;
  if (!censored) hang.end_s = 5 + duration;
  hang.lines = {{7, "MemAlloc-Info: 1 stalling task"}};
  return hang;
}

RunExpectation longest(std::optional<double> at_least, std::optional<double> at_most) {
  RunExpectation expected;
  expected.hang = HangExpectation{};
  expected.hang->longest_s = Range{at_least, at_most};
  return expected;
}

Verdict only(const RunExpectation& expected, const Outcome& outcome) {
  return worst_of(judge_run(expected, outcome));
}

TEST(Judge, CensoredDurationIsALowerBound) {
  Outcome outcome = booted();
  outcome.hangs = {stall(20, true)};
  EXPECT_EQ(only(longest(30, {}), outcome), Verdict::inconclusive);
  EXPECT_EQ(only(longest(15, {}), outcome), Verdict::pass);
  EXPECT_EQ(only(longest({}, 30), outcome), Verdict::inconclusive);
  EXPECT_EQ(only(longest({}, 10), outcome), Verdict::fail);
  outcome.hangs = {stall(20, false)};
  EXPECT_EQ(only(longest(30, {}), outcome), Verdict::fail);
  EXPECT_EQ(only(longest({}, 30), outcome), Verdict::pass);
}

// Our SysRq f at 31 s: what came later is not the kernel's own course.
TEST(Judge, AHangThatWeEndedIsNoProofOfItsEnd) {
  Outcome outcome = booted();
  outcome.hangs = {stall(31, true)};
  outcome.hangs[0].censored_by = "sysrq-f";
  outcome.hangs[0].ended_by = HangEnd::sysrq_f;
  outcome.hangs[0].over_s = 5 + 53.2;
  EXPECT_EQ(only(longest({}, 60), outcome), Verdict::inconclusive);
  EXPECT_EQ(only(longest({}, 30), outcome), Verdict::fail);
  EXPECT_EQ(only(longest(30, {}), outcome), Verdict::pass);
  EXPECT_EQ(only(longest(40, {}), outcome), Verdict::inconclusive);
  const auto judged = judge_run(longest({}, 60), outcome);
  EXPECT_EQ(of(judged, "hang:").got,
            "memory-stall (victim-stuck) of at least 31.0 s (ended by our SysRq f) from 5.0 s");
  RunExpectation ended;
  ended.hang = HangExpectation{};
  ended.hang->ended_by = HangEnd::sysrq_f;
  EXPECT_EQ(only(ended, outcome), Verdict::pass);
  ended.hang->ended_by = HangEnd::recovery;
  EXPECT_EQ(only(ended, outcome), Verdict::inconclusive) << "it might have recovered";
}

// The second hang, of at least 15 s, may have lasted longer than 30 s.
TEST(Judge, AShorterHangThatIsCensoredMayHaveBeenTheLongest) {
  Outcome outcome = booted();
  outcome.hangs = {stall(20, false), stall(15, true)};
  EXPECT_EQ(only(longest({}, 30), outcome), Verdict::inconclusive);
  EXPECT_EQ(only(longest({}, 18), outcome), Verdict::fail);
  EXPECT_EQ(only(longest(18, {}), outcome), Verdict::pass);
  EXPECT_EQ(only(longest(30, {}), outcome), Verdict::inconclusive);
  const auto judged = judge_run(longest({}, 30), outcome);
  EXPECT_THAT(of(judged, "hang:").got, HasSubstr("; another may have been longer: memory-stall"));
  EXPECT_EQ(of(judged, "hang:").lines.size(), 2u);
  outcome.hangs[1].kind = HangKind::hard;
  RunExpectation of_kind = longest({}, 30);
  of_kind.hang->kind = HangKind::memory_stall;
  EXPECT_EQ(only(of_kind, outcome), Verdict::pass) << "the censored one is of another kind";
}

TEST(Judge, NoHangAtAllIsWithinAtMost) {
  EXPECT_EQ(only(longest({}, 30), booted()), Verdict::pass);
  EXPECT_EQ(only(longest(1, {}), booted()), Verdict::fail);
}

TEST(Judge, FailedExpectationSaysGotAndCitesLines) {
  Outcome outcome = booted();
  outcome.hangs = {stall(44, false)};
  RunExpectation expected;
  expected.hang = HangExpectation{};
  expected.hang->none = true;
  const auto judged = judge_run(expected, outcome);
  const Judgement& hang = of(judged, "hang:");
  EXPECT_EQ(hang.verdict, Verdict::fail);
  EXPECT_THAT(hang.got, HasSubstr("memory-stall (victim-stuck) of 44.0 s"));
  EXPECT_EQ(hang.lines.at(0).line, 7);
  outcome.hangs[0].where = "out_of_memory";
  EXPECT_EQ(of(judge_run(expected, outcome), "hang:").got,
            "memory-stall (victim-stuck) in out_of_memory of 44.0 s from 5.0 s");
}

TEST(Judge, VictimsAreASetOfRoles) {
  Outcome outcome = booted();
  outcome.oom_kills = {{1, 10, "a.out", "child", {}, false},
                       {6, 11, "a.out", "hog", {}, false},
                       {7, 12, "a.out", "hog", {}, false}};
  RunExpectation expected;
  expected.victims = {"hog", "child"};
  EXPECT_EQ(only(expected, outcome), Verdict::pass);
  expected.victims = {"hog"};
  EXPECT_EQ(only(expected, outcome), Verdict::fail);
  expected.victims = {"child", "hog?", "reader?"};
  EXPECT_EQ(only(expected, outcome), Verdict::pass) << "hogs may be killed, a reader need not";
  expected.victims = {"child?"};
  EXPECT_EQ(only(expected, outcome), Verdict::fail) << "hogs may not";
  EXPECT_THAT(outcome, KilledA("child"));
  outcome.oom_kills[1].sysrq = true;
  outcome.oom_kills[2].sysrq = true;
  expected.victims = {"child"};
  expected.oom_kills = Range{1, 1};
  EXPECT_EQ(only(expected, outcome), Verdict::pass) << "what SysRq-f asked for is the harness's doing";
  outcome.oom_kills[2].sysrq = false;
  EXPECT_EQ(only(expected, outcome), Verdict::pass) << "and so is what came of it";
}

TEST(Judge, GuestThatNeverBootedIsNotBlamedForWhatItNeverTried) {
  Outcome outcome;
  outcome.end = End::deadline;
  Hang boot;
  boot.kind = HangKind::boot;
  outcome.hangs = {boot};
  RunExpectation expected;
  expected.hang = HangExpectation{};
  expected.hang->none = true;
  expected.oom_kills = Range{1, 1};
  const auto judged = judge_run(expected, outcome);
  EXPECT_EQ(of(judged, "boots").verdict, Verdict::fail);
  EXPECT_EQ(of(judged, "hang:").verdict, Verdict::fail);
  EXPECT_EQ(of(judged, "oom-kills:").verdict, Verdict::inconclusive);
  expected = {};
  expected.hang = HangExpectation{};
  expected.hang->kind = HangKind::boot;
  EXPECT_EQ(only(expected, outcome), Verdict::pass);
}

TEST(Judge, GuestThatResetsAtBootDoesNotPassForWantOfHangs) {
  Outcome outcome;
  outcome.end = End::guest_gone;
  RunExpectation expected;
  expected.crashes = std::vector<std::string>{};
  EXPECT_EQ(only(expected, outcome), Verdict::fail);
}

TEST(Judge, CrashTitles) {
  Outcome outcome = booted();
  RunExpectation expected;
  expected.crashes = std::vector<std::string>{};
  EXPECT_EQ(only(expected, outcome), Verdict::pass);
  outcome.crashes = {{"kernel panic: sysrq triggered crash", "UNKNOWN", 3, {1, "x"}}};
  EXPECT_EQ(only(expected, outcome), Verdict::fail);
  expected.crashes = {"sysrq triggered crash"};
  EXPECT_EQ(only(expected, outcome), Verdict::pass);
}

TEST(Judge, OnlyARunThatHungIsHeldToWhatHungRunsShow) {
  ExpectationGroup expected;
  expected.each_hung_run = longest(30, {});
  Outcome outcome = booted();
  EXPECT_EQ(worst_of(judge_run(expected, outcome)), Verdict::pass);
  outcome.hangs = {stall(20, false)};
  EXPECT_EQ(worst_of(judge_run(expected, outcome)), Verdict::fail);
  outcome.hangs = {stall(40, false)};
  EXPECT_EQ(worst_of(judge_run(expected, outcome)), Verdict::pass);
}

TEST(Judge, BootHangThatIsExpectedIsNoFailureOfTheRunsThatHung) {
  ExpectationGroup expected;
  HangExpectation boot;
  boot.kind = HangKind::boot;
  expected.each_run.hang = boot;
  Outcome outcome;
  outcome.end = End::hang_over;
  verdict::Hang hang = stall(10, false);
  hang.kind = HangKind::boot;
  outcome.hangs = {hang};
  EXPECT_EQ(worst_of(judge_run(expected, outcome)), Verdict::pass);
  expected.each_run.hang.reset();
  EXPECT_EQ(worst_of(judge_run(expected, outcome)), Verdict::fail)
      << "nothing expected: it did not even boot";
}

TEST(Judge, AMissingFindingOfARunThatWasCutShortIsInconclusive) {
  RunExpectation expected;
  expected.finding = "silent-hang";
  Outcome outcome = booted();
  EXPECT_EQ(only(expected, outcome), Verdict::fail);
  outcome.end = End::interrupted;
  EXPECT_EQ(of(judge_run(expected, outcome), "finding:").verdict, Verdict::inconclusive);
  outcome.findings = {{"silent-hang", "", Certainty::certain, {}}};
  EXPECT_EQ(of(judge_run(expected, outcome), "finding:").verdict, Verdict::pass);
}

TEST(Judge, HangRateFailsOnlyWhenTheIntervalExcludesIt) {
  const auto judge = [](int hangs, int runs, std::optional<int> boots = {}) {
    return judge_cell({Range{0.8, {}}}, stats::exact_estimate(hangs, runs), boots).front();
  };
  EXPECT_EQ(judge(0, 0).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge(0, 1).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge(0, 10).verdict, Verdict::fail);
  EXPECT_EQ(judge(1, 1).verdict, Verdict::pass);
  EXPECT_EQ(judge(2, 2).got, "2 of 2 runs (95% interval 0.16 to 1.00)");
  EXPECT_EQ(judge(2, 2, 1).got, "2 of 2 runs (95% interval 0.16 to 1.00), of 1 boot");
  EXPECT_THAT(judge(2, 2, 2).got, testing::EndsWith("), of 2 boots"));
  // Ten runs of one boot are one observation of what that boot does.
  EXPECT_EQ(judge(0, 10, 1).verdict, Verdict::inconclusive);
  EXPECT_THAT(judge(0, 10, 1).got, testing::HasSubstr("runs of one boot are not independent"));
  EXPECT_EQ(judge(0, 10, 5).verdict, Verdict::fail);
  // Clopper-Pearson's upper limit is 0.8836. It was 0.845 when binomial terms were summed.
  EXPECT_EQ(judge_cell({Range{0.87, {}}}, stats::exact_estimate(340, 400)).front().verdict,
            Verdict::inconclusive);
}

TEST(Judge, HangRateOfRunsThatStoppedAtAHangIsInconclusive) {
  const stats::RateEstimate rate{1, 40, stats::IntervalKind::none, std::nullopt};
  for (const Range& range : {Range{0.8, {}}, Range{{}, 0.5}}) {
    const Judgement judgement = judge_cell({range}, rate).front();
    EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
    EXPECT_EQ(judgement.got, "1 of 40 runs (no interval: the runs stopped at a hang or a failure)");
  }
}

TEST(Judge, HangRateThatWasLookedAtAfterEveryRunHasItsSequence) {
  const stats::RateEstimate rate{0, 10, stats::IntervalKind::sequence, stats::Interval{0, 0.85}};
  EXPECT_EQ(judge_cell({Range{0.8, {}}}, rate).front().verdict, Verdict::inconclusive);
  EXPECT_EQ(judge_cell({Range{0.9, {}}}, rate).front().verdict, Verdict::fail);
  EXPECT_EQ(judge_cell({Range{0.9, {}}}, rate).front().got,
            "0 of 10 runs (95% confidence sequence 0.00 to 0.85)");
}

TEST(Outcome, MatchersOfHangs) {
  Outcome hung = booted();
  hung.hangs = {stall(40, true)};
  EXPECT_THAT(hung, HangsWith("memory-stall", Gt(30.0)));
  EXPECT_THAT(hung, Not(HasNoHang()));
}

TEST(Outcome, JsonKeepsEverythingAndSurvivesBadBytes) {
  Outcome outcome = booted();
  outcome.hangs = {stall(44, true)};
  outcome.tail = {{3, "broken \xff byte"}};
  outcome.exit = Exit{3, 0};
  outcome.progress = 18446744073709551615u;
  outcome.subtests = {{"mm/write", subtest::Result::not_ok, "TIMEOUT"}};
  outcome.last_words = CitedLine{9, "hog: no memory"};
  const auto again = outcome_from_json(to_json(outcome));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_string(again->hangs.at(0).cause), "victim-stuck");
  EXPECT_FALSE(again->hangs.at(0).end_s);
  EXPECT_EQ(again->end, End::done);
  EXPECT_THAT(*again, ExitsWith(3));
  EXPECT_EQ(again->progress, outcome.progress);
  ASSERT_EQ(again->subtests.size(), 1u);
  EXPECT_EQ(again->subtests[0].result, subtest::Result::not_ok);
  ASSERT_TRUE(again->last_words);
  EXPECT_EQ(again->last_words->line, 9);
  EXPECT_FALSE(outcome_from_json("{}"));
}

}  // namespace
}  // namespace hangar::verdict
