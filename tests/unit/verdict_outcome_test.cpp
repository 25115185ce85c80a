// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/verdict/outcome.h"

namespace hangar::verdict {
namespace {

using testing::HasSubstr;

constexpr End all_ends[] = {End::done,       End::hang_over,   End::decided,     End::deadline,
                            End::guest_gone, End::interrupted, End::host_trouble};

TEST(Outcome, EveryEndIsReadBackFromItsName) {
  for (const End end : all_ends) {
    Outcome outcome;
    outcome.end = end;
    const auto again = outcome_from_json(to_json(outcome));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->end, end) << to_string(end);
  }
  EXPECT_EQ(to_string(End::hang_over), "hang-over");
  EXPECT_EQ(to_string(End::guest_gone), "guest-gone");
}

TEST(Outcome, AnEndThatALaterVersionAddedIsADeadline) {
  const auto later = outcome_from_json(R"({"hello":true,"end":"eaten-by-a-grue","hangs":[]})");
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(later->end, End::deadline);
}

TEST(Outcome, WithoutOneOfThreeFieldsAFileIsNoOutcome) {
  EXPECT_TRUE(outcome_from_json(R"({"hello":true,"end":"done","hangs":[]})"));
  for (const char* text :
       {R"({"end":"done","hangs":[]})", R"({"hello":true,"hangs":[]})", R"({"hello":true,"end":"done"})"})
    EXPECT_FALSE(outcome_from_json(text)) << text;
  EXPECT_THAT(outcome_from_json(R"({"end":"done","hangs":[]})").error().message, HasSubstr("hello"));
}

// Rates are of runs that show what the kernel does.
TEST(Outcome, RunsThatTheHostOrTheUserEndedAreExcluded) {
  for (const End end : all_ends) {
    const bool ours = end == End::interrupted || end == End::host_trouble;
    for (const Verdict verdict : {Verdict::pass, Verdict::inconclusive, Verdict::fail})
      EXPECT_EQ(is_excluded(verdict, end), ours) << to_string(end);
    EXPECT_TRUE(is_excluded(Verdict::infra_error, end)) << to_string(end);
    Outcome outcome;
    outcome.end = end;
    EXPECT_EQ(cut_short(outcome), ours) << to_string(end);
  }
}

TEST(Outcome, AProgramThatTheKernelCannotRunHasItsExitStatus) {
  EXPECT_TRUE(could_not_run("inconclusive", exit_cannot_run));
  EXPECT_FALSE(could_not_run("pass", exit_cannot_run)) << "the scenario expects this status";
  EXPECT_FALSE(could_not_run("inconclusive", 1));
  EXPECT_FALSE(could_not_run("inconclusive", std::nullopt));
}

TEST(Outcome, InterventionsInWords) {
  EXPECT_EQ(intervention_text("sysrq-f"), "our SysRq f");
  EXPECT_EQ(intervention_text("reset"), "our reset");
}

Hang hang_of(double duration_s) {
  Hang hang;
  hang.start_s = 10;
  hang.duration_s = duration_s;
  return hang;
}

TEST(Outcome, DurationsInWords) {
  Hang hang = hang_of(31.24);
  EXPECT_EQ(duration_text(hang), "31.2 s");
  hang.censored = true;
  EXPECT_EQ(duration_text(hang), "at least 31.2 s");
  hang.censored_by = "sysrq-f";
  EXPECT_EQ(duration_text(hang), "at least 31.2 s (until our SysRq f, which did not end it)");
  hang.over_s = 50;
  EXPECT_EQ(duration_text(hang), "at least 31.2 s (until our SysRq f; over 8.8 s later)");
  hang.ended_by = HangEnd::sysrq_f;
  EXPECT_EQ(duration_text(hang), "at least 31.2 s (ended by our SysRq f)");
}

TEST(Outcome, SysrqFThatKilledNothingIsListedOfAllHangs) {
  Outcome outcome;
  EXPECT_EQ(idle_f_text(outcome), "");
  outcome.hangs = {hang_of(5), hang_of(6), hang_of(7)};
  EXPECT_EQ(idle_f_text(outcome), "");
  outcome.hangs[0].idle_f_s = {40.11};
  outcome.hangs[2].idle_f_s = {60.2, 75};
  EXPECT_EQ(idle_f_text(outcome), "SysRq f was sent at 40.1 s, 60.2 s, 75.0 s; no kill followed");
}

TEST(Outcome, AKilledProcessHasTheNameOfItsRole) {
  OomKill kill;
  kill.comm = "a.out";
  EXPECT_EQ(name_of(kill), "a.out");
  kill.role = "hog";
  EXPECT_EQ(name_of(kill), "hog");
}

TEST(Outcome, TheLongestHangIsTheFirstOfThoseThatLastLongest) {
  Outcome outcome;
  EXPECT_EQ(longest_hang(outcome), nullptr);
  outcome.hangs = {hang_of(5), hang_of(9), hang_of(9), hang_of(2)};
  EXPECT_EQ(longest_hang(outcome), &outcome.hangs[1]);
}

}  // namespace
}  // namespace hangar::verdict
