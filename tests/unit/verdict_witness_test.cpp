// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/verdict/judge.h"
#include "harness/verdict/witness.h"

namespace hangar::verdict {
namespace {

using testing::HasSubstr;
using testing::Not;

// A run whose log shows the kills of `shown`, and whose kernel counted `counted`.
Outcome run_with(const std::vector<std::string>& shown, std::optional<std::int64_t> counted) {
  Outcome outcome;
  outcome.hello = true;
  outcome.started_s = 2.1;
  outcome.exit = Exit{0, 0};
  outcome.end = End::done;
  outcome.watched_s = 20;
  for (const auto& comm : shown) outcome.oom_kills.push_back({5, 40, comm, comm, {9, comm}, false});
  if (counted) {
    outcome.counters.witness = Witness::agent;
    outcome.counters.oom_kills = counted;
  }
  return outcome;
}

// The judgement on `subject`, beside those that every run gets.
Judgement judge(const std::string& subject, const RunExpectation& expected, const Outcome& outcome) {
  for (const Judgement& judgement : judge_run(expected, outcome)) {
    if (judgement.text.starts_with(subject + ":")) return judgement;
  }
  ADD_FAILURE() << "nothing was judged about " << subject;
  return {};
}

Judgement kills(double least, double most, const Outcome& outcome) {
  RunExpectation expected;
  expected.oom_kills = Range{least, most};
  return judge("oom-kills", expected, outcome);
}

Judgement victims(std::vector<std::string> names, const Outcome& outcome) {
  RunExpectation expected;
  expected.victims = std::move(names);
  return judge("victims", expected, outcome);
}

Judgement no_crashes(const Outcome& outcome) {
  RunExpectation expected;
  expected.crashes = std::vector<std::string>();
  return judge("crashes", expected, outcome);
}

TEST(Witness, LogThatShowsNoneOfTheKillsDecidesNothing) {
  const Outcome outcome = run_with({}, 1);
  for (const auto& judged :
       {kills(1, 1, outcome), kills(0, 0, outcome), victims({"hog"}, outcome), victims({}, outcome)}) {
    EXPECT_EQ(judged.verdict, Verdict::inconclusive) << judged.text;
    EXPECT_THAT(judged.got,
                HasSubstr("the kernel counted 1 OOM kill, the log shows 0: unknown message format?"));
  }
}

// Kills at these times, and counters that were read when 20 s had gone.
Outcome read_at_20(const std::vector<double>& kills_s, std::int64_t counted) {
  Outcome outcome = run_with({}, counted);
  outcome.counters.read_s = 20;
  for (const double time_s : kills_s)
    outcome.oom_kills.push_back({time_s, 40, "hog", "hog", {9, "hog"}, false});
  return outcome;
}

// The program is the first victim; its exit has the counters read, and the kernel kills a second one then.
TEST(Witness, KillAfterTheCountersWereReadIsNoContradiction) {
  for (const double second_s : {19.9, 20.04, 25.0}) {
    const Outcome outcome = read_at_20({12, second_s}, 1);
    EXPECT_EQ(kills(2, 2, outcome).verdict, Verdict::pass) << second_s;
    EXPECT_EQ(kills(1, 1, outcome).verdict, Verdict::fail) << second_s;
    EXPECT_EQ(victims({"hog"}, outcome).verdict, Verdict::pass) << second_s;
    EXPECT_EQ(kills_not_in_log(read_at_20({12, second_s}, 2)), 0) << "read late, counted all the same";
  }
}

TEST(Witness, WhatWasNotCountedLongBeforeTheReadingIsAContradiction) {
  EXPECT_EQ(kills_not_in_log(read_at_20({12, 18}, 1)), -1);
  EXPECT_EQ(kills_not_in_log(read_at_20({12, 18, 21}, 1)), -1);
  EXPECT_EQ(kills(2, 2, read_at_20({12, 18}, 1)).verdict, Verdict::inconclusive);
}

TEST(Witness, KillThatNoLineShowsIsMissingWheneverTheOthersCame) {
  EXPECT_EQ(kills_not_in_log(read_at_20({12, 20.04}, 3)), 1);
  EXPECT_EQ(kills(2, 2, read_at_20({12, 20.04}, 3)).verdict, Verdict::inconclusive);
}

TEST(Witness, ReadingOfUnknownTimeMustAgreeWithTheWholeLog) {
  Outcome outcome = read_at_20({12, 25}, 1);
  outcome.counters.read_s.reset();
  EXPECT_EQ(kills_not_in_log(outcome), -1);
}

Outcome beyond_the_caps(const std::vector<std::string>& shown, const std::string& part, std::uint64_t count) {
  Outcome outcome = run_with(shown, std::nullopt);
  outcome.left_out[part] = count;
  return outcome;
}

// What depends on facts that were left out is not decided, unless what is kept decides it.
TEST(Caps, KillsThatWereLeftOut) {
  const Outcome outcome = beyond_the_caps({"hog", "hog"}, "kills", 340000);
  EXPECT_EQ(kills(2, 2, outcome).verdict, Verdict::inconclusive);
  EXPECT_THAT(kills(2, 2, outcome).got, HasSubstr("2 (the log shows more than is kept: 340000 kills)"));
  EXPECT_EQ(kills(3, 9, outcome).verdict, Verdict::inconclusive);
  EXPECT_EQ(kills(1, 1, outcome).verdict, Verdict::fail) << "two are too many already";
  EXPECT_EQ(victims({"hog"}, outcome).verdict, Verdict::inconclusive);
  EXPECT_EQ(victims({"child"}, outcome).verdict, Verdict::fail) << "hog was killed all the same";
  RunExpectation at_least;
  at_least.oom_kills = Range{1, std::nullopt};
  EXPECT_EQ(judge("oom-kills", at_least, outcome).verdict, Verdict::pass) << "more change nothing";
}

TEST(Caps, KillsThatWereLeftOutAreInTheLogAllTheSame) {
  Outcome outcome = beyond_the_caps({"hog"}, "kills", 4);
  outcome.counters.oom_kills = 5;
  EXPECT_EQ(kills_not_in_log(outcome), 0);
  EXPECT_FALSE(kills_differ(outcome));
}

TEST(Caps, CrashesFindingsAndHangsThatWereLeftOut) {
  const Outcome boots = beyond_the_caps({}, "boots", 2);
  EXPECT_EQ(no_crashes(boots).verdict, Verdict::inconclusive);
  EXPECT_THAT(no_crashes(boots).got, HasSubstr("the log shows more than is kept: 2 boots"));
  EXPECT_EQ(no_crashes(run_with({}, std::nullopt)).verdict, Verdict::pass);
  Outcome crashed = boots;
  crashed.crashes.push_back({"BUG: bad", "BUG", 3, {7, "BUG: bad"}, false});
  EXPECT_EQ(no_crashes(crashed).verdict, Verdict::fail);
  RunExpectation expected;
  expected.crashes = std::vector<std::string>{"WARNING"};
  expected.finding = "silent-hang";
  expected.hang = HangExpectation{};
  expected.hang->none = true;
  EXPECT_EQ(judge("crashes", expected, crashed).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge("finding", expected, crashed).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge("hang", expected, crashed).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge("finding", expected, run_with({}, std::nullopt)).verdict, Verdict::fail);
}

TEST(Caps, LeftOutStaysInTheOutcome) {
  const Outcome outcome = beyond_the_caps({}, "kills", 340000);
  EXPECT_EQ(outcome_from_json(to_json(outcome))->left_out, outcome.left_out);
}

TEST(Witness, WhatBothAgreeOnIsJudgedAsBefore) {
  EXPECT_EQ(kills(1, 1, run_with({"hog"}, 1)).verdict, Verdict::pass);
  EXPECT_EQ(kills(1, 1, run_with({"hog", "hog"}, 2)).verdict, Verdict::fail);
  EXPECT_EQ(victims({"hog"}, run_with({"hog"}, 1)).verdict, Verdict::pass);
  EXPECT_EQ(kills(1, 1, run_with({"hog"}, std::nullopt)).verdict, Verdict::pass);
  EXPECT_EQ(kills(1, 1, run_with({}, std::nullopt)).verdict, Verdict::fail);
}

TEST(Witness, WhatIsWrongByBothCountsStillFails) {
  const auto judged = kills(1, 1, run_with({"hog", "hog"}, 4));
  EXPECT_EQ(judged.verdict, Verdict::fail);
  EXPECT_THAT(judged.got, HasSubstr("the kernel counted 4 OOM kills, the log shows 2"));
  EXPECT_EQ(victims({"hog"}, run_with({"probe"}, 2)).verdict, Verdict::fail);
}

// Somebody else can print the kernel's words to /dev/kmsg.
TEST(Witness, KillsThatTheKernelDidNotCountProveNothing) {
  const Outcome outcome = run_with({"hog", "probe"}, 1);
  EXPECT_EQ(kills(1, 1, outcome).verdict, Verdict::inconclusive);
  const auto judged = victims({"hog"}, outcome);
  EXPECT_EQ(judged.verdict, Verdict::inconclusive);
  EXPECT_THAT(judged.got, HasSubstr("counted 1 OOM kill, the log shows 2"));
  EXPECT_THAT(judged.got, Not(HasSubstr("unknown message")));
}

// The counter has kills that our SysRq f asked for; expectations look at those before it.
TEST(Witness, TotalsAreComparedWithThoseOfSysrq) {
  Outcome outcome = run_with({"hog", "child"}, 2);
  outcome.oom_kills[1].sysrq = true;
  EXPECT_EQ(kills(1, 1, outcome).verdict, Verdict::pass);
  outcome.counters.oom_kills = 1;
  EXPECT_EQ(kills(1, 1, outcome).verdict, Verdict::inconclusive);
}

TEST(Witness, OopsesAndWarningsOfWhichTheLogShowsNoReport) {
  Outcome outcome = run_with({}, 0);
  outcome.counters.warnings = 1;
  outcome.counters.oopses = 0;
  const auto judged = no_crashes(outcome);
  EXPECT_EQ(judged.verdict, Verdict::inconclusive);
  EXPECT_THAT(judged.got, HasSubstr("the kernel counted 0 oopses and 1 warning, the log shows no report"));
  outcome.crashes = {{"WARNING in f", "WARNING", 4, {}}};
  EXPECT_EQ(no_crashes(outcome).verdict, Verdict::fail);
  outcome.crashes.clear();
  outcome.counters.warnings = 0;
  EXPECT_EQ(no_crashes(outcome).verdict, Verdict::pass);
}

TEST(Witness, ChosenVictimThatTheKernelDidNotCountWasNotKilled) {
  Outcome outcome = run_with({"hog"}, 1);
  outcome.uncertain_kills = {{7, 41, "probe", std::nullopt, {12, "oom-kill:"}, false}};
  EXPECT_EQ(kills(1, 1, outcome).verdict, Verdict::pass);
  EXPECT_EQ(victims({"hog"}, outcome).verdict, Verdict::pass);
  outcome.counters.oom_kills = 2;
  EXPECT_EQ(kills(1, 1, outcome).verdict, Verdict::inconclusive);
  outcome.counters.oom_kills.reset();
  EXPECT_EQ(kills(1, 1, outcome).verdict, Verdict::inconclusive);
}

TEST(Witness, CauseOfAStallDependsOnTheKills) {
  Outcome outcome = run_with({}, 1);
  Hang hang;
  hang.kind = HangKind::memory_stall;
  hang.cause = StallCause::no_kill;
  hang.start_s = 5;
  hang.duration_s = 30;
  hang.censored = true;
  outcome.hangs = {hang};
  RunExpectation expected;
  expected.hang = HangExpectation{};
  expected.hang->kind = HangKind::memory_stall;
  EXPECT_EQ(judge("hang", expected, outcome).verdict, Verdict::pass);
  expected.hang->cause = StallCause::no_kill;
  EXPECT_EQ(judge("hang", expected, outcome).verdict, Verdict::inconclusive);
}

TEST(Witness, CountsAreInTheSingularOrThePlural) {
  EXPECT_EQ(kills_differ(run_with({}, 2)),
            "the kernel counted 2 OOM kills, the log shows 0: unknown message format?");
  Outcome outcome = run_with({}, 0);
  outcome.counters.oopses = 1;
  outcome.counters.warnings = 2;
  EXPECT_EQ(crashes_differ(outcome),
            "the kernel counted 1 oops and 2 warnings, the log shows no report: unknown message format?");
  outcome.counters.warnings.reset();
  EXPECT_THAT(crashes_differ(outcome).value_or(""), HasSubstr("1 oops and 0 warnings"));
}

// The line with the counters takes up to a second to arrive.
TEST(Witness, KillIsBeforeTheReadingIfASecondOrMoreBefore) {
  EXPECT_EQ(kills_not_in_log(read_at_20({19}, 0)), -1);
  EXPECT_EQ(kills_not_in_log(read_at_20({19.01}, 0)), 0);
}

OomKill chosen(double time_s, std::int64_t pid, bool sysrq = false) {
  return {time_s, pid, "hog", std::nullopt, {12, "oom-kill:"}, sysrq};
}

TEST(Witness, ChosenVictimsAreThoseUntilOurFirstSysrqF) {
  Outcome outcome = run_with({}, std::nullopt);
  EXPECT_FALSE(unknown_kill(outcome));
  outcome.uncertain_kills = {chosen(3, 41)};
  EXPECT_EQ(unknown_kill(outcome), "a victim was chosen (hog, pid 41), its kill is not in a known form");
  outcome.uncertain_kills = {chosen(3, 41), chosen(4, 42), chosen(5, 43), chosen(6, 44, true), chosen(7, 45)};
  EXPECT_EQ(unknown_kill(outcome),
            "a victim was chosen (hog, pid 41) and 2 more, its kill is not in a known form");
  outcome.oom_kills = {{4, 50, "hog", std::nullopt, {20, "Killed"}, true}};
  EXPECT_EQ(unknown_kill(outcome),
            "a victim was chosen (hog, pid 41) and 1 more, its kill is not in a known form");
}

TEST(Witness, PartsThatWereLeftOutAreListed) {
  Outcome outcome = run_with({}, std::nullopt);
  EXPECT_FALSE(left_out(outcome, {"kills", "boots"}));
  outcome.left_out = {{"boots", 2}, {"kills", 340000}, {"hangs", 1}};
  EXPECT_EQ(left_out(outcome, {"kills", "boots"}), "the log shows more than is kept: 340000 kills, 2 boots");
  EXPECT_FALSE(left_out(outcome, {"crashes"}));
}

TEST(Witness, ItsAbsenceIsReported) {
  EXPECT_EQ(
      no_witness(run_with({}, std::nullopt)),
      "the log's OOM kills were not compared with the kernel's counter: the kernel's counters were not read");
  EXPECT_FALSE(no_witness(run_with({}, 0)));
  Outcome outcome = run_with({}, std::nullopt);
  outcome.counters.note = "the kernel has no symbols";
  const auto again = outcome_from_json(to_json(outcome));
  ASSERT_TRUE(again);
  EXPECT_EQ(no_witness(*again),
            "the log's OOM kills were not compared with the kernel's counter: the kernel has no symbols");
}

TEST(Witness, CountersAreStoredAndOlderOutcomesHaveNone) {
  Outcome outcome = run_with({"hog"}, 3);
  outcome.counters.memcg_kills = 2;
  outcome.counters.oopses = 1;
  outcome.counters.warnings = 4;
  outcome.counters.read_s = 20.5;
  const auto again = outcome_from_json(to_json(outcome));
  ASSERT_TRUE(again);
  EXPECT_EQ(to_string(again->counters.witness), "agent");
  EXPECT_EQ(again->counters.oom_kills, 3);
  EXPECT_EQ(again->counters.memcg_kills, 2);
  EXPECT_EQ(again->counters.oopses, 1);
  EXPECT_EQ(again->counters.warnings, 4);
  EXPECT_EQ(again->counters.read_s, 20.5);
  const auto old = outcome_from_json(R"({"hello":true,"end":"done","hangs":[]})");
  ASSERT_TRUE(old);
  EXPECT_EQ(to_string(old->counters.witness), "none");
}

}  // namespace
}  // namespace hangar::verdict
