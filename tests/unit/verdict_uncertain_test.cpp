// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/verdict/judge.h"

namespace hangar::verdict {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

OomKill victim(double time_s, const std::string& role, bool sysrq = false) {
  return {time_s, 37, "a.out", role, {12, "oom-kill:constraint=CONSTRAINT_NONE,task=a.out,pid=37,uid=0"},
          sysrq};
}

Outcome ran() {
  Outcome outcome;
  outcome.hello = true;
  outcome.end = End::done;
  outcome.watched_s = 20;
  return outcome;
}

// What is said of the expectation that begins so; others are always expected.
Judgement about(const std::string& begins, const RunExpectation& expected, const Outcome& outcome) {
  for (Judgement& judgement : judge_run(expected, outcome)) {
    if (judgement.text.starts_with(begins)) return std::move(judgement);
  }
  ADD_FAILURE() << "nothing is said of " << begins;
  return {};
}

Judgement judge_kill_count(std::optional<double> at_least, std::optional<double> at_most,
                           const Outcome& outcome) {
  RunExpectation expected;
  expected.oom_kills = Range{at_least, at_most};
  return about("oom-kills", expected, outcome);
}

Judgement judge_who(std::vector<std::string> victims, const Outcome& outcome) {
  RunExpectation expected;
  expected.victims = std::move(victims);
  return about("victims", expected, outcome);
}

TEST(UncertainKills, LeaveTheNumberOfKillsOpen) {
  Outcome outcome = ran();
  outcome.uncertain_kills = {victim(5, "parent")};
  const Judgement one = judge_kill_count(1, 1, outcome);
  EXPECT_EQ(one.verdict, Verdict::inconclusive);
  EXPECT_EQ(one.got, "0 (a victim was chosen (parent, pid 37), its kill is not in a known form)");
  EXPECT_EQ(judge_kill_count(0, 0, outcome).verdict, Verdict::inconclusive) << "no pass that could be wrong";
}

TEST(UncertainKills, ChangeNothingThatIsCertain) {
  Outcome outcome = ran();
  outcome.oom_kills = {victim(4, "hog"), victim(4.5, "hog")};
  outcome.uncertain_kills = {victim(5, "parent")};
  EXPECT_EQ(judge_kill_count({}, 1, outcome).verdict, Verdict::fail) << "two kills are known";
  EXPECT_EQ(judge_kill_count(1, {}, outcome).verdict, Verdict::pass);
  EXPECT_EQ(judge_who({"parent"}, outcome).verdict, Verdict::fail) << "hog was killed for certain";
}

TEST(UncertainKills, LeaveTheVictimsOpen) {
  Outcome outcome = ran();
  outcome.uncertain_kills = {victim(5, "parent"), victim(6, "hog")};
  const Judgement hog = judge_who({"hog"}, outcome);
  EXPECT_EQ(hog.verdict, Verdict::inconclusive);
  EXPECT_THAT(hog.got, HasSubstr("a victim was chosen (parent, pid 37)"));
  EXPECT_THAT(hog.got, HasSubstr("and 1 more"));
}

TEST(UncertainKills, ThoseAfterOurSysrqDoNotCount) {
  Outcome outcome = ran();
  outcome.uncertain_kills = {victim(5, "hog", true), victim(6, "hog")};
  EXPECT_EQ(judge_kill_count(0, 0, outcome).verdict, Verdict::pass);
  outcome.uncertain_kills = {victim(6, "hog")};
  outcome.oom_kills = {victim(5, "hog", true)};
  EXPECT_EQ(judge_kill_count(0, 0, outcome).verdict, Verdict::pass);
}

TEST(UnendedProgram, CitesTheHangAndNotTheConsolesLastLines) {
  Outcome outcome = ran();
  outcome.tail = {{99, "RAX: 0000000000000000 RBX: ffff888003a40000"}};
  RunExpectation expected;
  expected.exit_code = 0;
  EXPECT_THAT(about("exit", expected, outcome).lines, IsEmpty());
  Hang hang;
  hang.kind = HangKind::task;
  hang.duration_s = 15;
  hang.lines = {{7, "INFO: task hog:41 blocked for more than 10 seconds."}};
  outcome.hangs = {hang};
  const auto lines = about("exit", expected, outcome).lines;
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].line, 7);
}

TEST(OutcomeJson, KeepsWhatNamesTheHangAndThePanic) {
  Outcome outcome = ran();
  Hang hang;
  hang.kind = HangKind::memory_stall;
  hang.cause = StallCause::late_kill;
  hang.where = "out_of_memory";
  outcome.hangs = {hang};
  outcome.crashes = {{"kernel panic: System is deadlocked on memory", "DoS", 30, {3, "Kernel panic"}, true}};
  outcome.uncertain_kills = {victim(5, "parent", true)};
  const auto back = outcome_from_json(to_json(outcome));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->hangs.at(0).where, "out_of_memory");
  EXPECT_EQ(to_string(back->hangs.at(0).cause), "late-kill");
  EXPECT_TRUE(back->crashes.at(0).panic);
  ASSERT_THAT(back->uncertain_kills, SizeIs(1));
  EXPECT_EQ(back->uncertain_kills[0].role, "parent");
  EXPECT_TRUE(back->uncertain_kills[0].sysrq);
}

TEST(OutcomeJson, OlderOutcomesHaveNeither) {
  const auto old = outcome_from_json(
      R"({"hello": true, "end": "done", "hangs": [{"kind": "task", "duration_s": 12.0}],)"
      R"( "crashes": [{"title": "BUG: x", "type": "BUG", "time_s": 1.0, "line": {"line": 1, "text": "x"}}]})");
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_FALSE(old->hangs.at(0).where);
  EXPECT_FALSE(old->crashes.at(0).panic);
  EXPECT_THAT(old->uncertain_kills, IsEmpty());
}

}  // namespace
}  // namespace hangar::verdict
