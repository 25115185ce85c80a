// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/cli/bisect_question.h"

namespace hangar::cli {
namespace {

using bisect::Seen;
using verdict::Verdict;

run::RunReport run_of(Verdict verdict) {
  run::RunReport run;
  run.verdict = verdict;
  run.outcome.hello = true;
  run.outcome.end = verdict::End::done;
  return run;
}

run::RunReport hung(double duration_s, bool suspect = false) {
  run::RunReport run = run_of(Verdict::fail);
  verdict::Hang& hang = run.outcome.hangs.emplace_back();
  hang.duration_s = duration_s;
  hang.suspect = suspect;
  return run;
}

run::RunReport crashed(const std::string& title) {
  run::RunReport run = run_of(Verdict::fail);
  run.outcome.crashes.emplace_back().title = title;
  return run;
}

run::RunReport killed(const std::string& who, bool sysrq = false) {
  run::RunReport run = run_of(Verdict::pass);
  verdict::OomKill& kill = run.outcome.oom_kills.emplace_back();
  kill.role = who;
  kill.sysrq = sysrq;
  return run;
}

Seen asked(const std::string& question, const run::RunReport& run) {
  const auto parsed = parse_question(question);
  EXPECT_TRUE(parsed) << question;
  return seen_in(run, *parsed);
}

TEST(BisectQuestion, OfHangs) {
  EXPECT_EQ(asked("hang", hung(12)), Seen::hit);
  EXPECT_EQ(asked("hang", run_of(Verdict::fail)), Seen::miss);
  EXPECT_EQ(asked("hang>30s", hung(12)), Seen::miss);
  EXPECT_EQ(asked("hang>30s", hung(31)), Seen::hit);
  EXPECT_EQ(asked("hang", hung(12, true)), Seen::infra) << "the host had other load";
  EXPECT_EQ(asked("hang", crashed("WARNING in f")), Seen::other);
}

TEST(BisectQuestion, OfCrashesAndVictims) {
  EXPECT_EQ(asked("crash", crashed("WARNING in f")), Seen::hit);
  EXPECT_EQ(asked("crash:in f", crashed("WARNING in f")), Seen::hit);
  EXPECT_EQ(asked("crash:in g", crashed("WARNING in f")), Seen::other) << "another crash";
  EXPECT_EQ(asked("crash:in g", hung(12)), Seen::other);
  EXPECT_EQ(asked("crash", run_of(Verdict::pass)), Seen::miss);
  EXPECT_EQ(asked("victim:hog", killed("hog")), Seen::hit);
  EXPECT_EQ(asked("victim:hog", killed("child")), Seen::miss);
  EXPECT_EQ(asked("not-victim:hog", killed("child")), Seen::hit);
  EXPECT_EQ(asked("not-victim:hog", killed("hog")), Seen::miss);
  EXPECT_EQ(asked("victim:hog", killed("hog", true)), Seen::other) << "SysRq f chose it";
}

TEST(BisectQuestion, OfVerdicts) {
  EXPECT_EQ(asked("fail", run_of(Verdict::fail)), Seen::hit);
  EXPECT_EQ(asked("fail", run_of(Verdict::pass)), Seen::miss);
  EXPECT_EQ(asked("fail", run_of(Verdict::inconclusive)), Seen::other);
}

TEST(BisectQuestion, RunsThatAnswerNoQuestion) {
  run::RunReport silent = run_of(Verdict::fail);
  silent.outcome.hello = false;
  EXPECT_EQ(asked("fail", silent), Seen::skip) << "it did not boot";
  EXPECT_EQ(asked("hang", run_of(Verdict::infra_error)), Seen::infra);
  run::RunReport stopped = hung(40);
  stopped.outcome.end = verdict::End::interrupted;
  EXPECT_EQ(asked("hang", stopped), Seen::infra);
}

TEST(BisectQuestion, OtherFormsAreErrors) {
  for (const char* wrong : {"", "hangs", "hang>", "hang>30", "victim", "victim:", "not-victim", "failed"})
    EXPECT_FALSE(parse_question(wrong)) << wrong;
}

}  // namespace
}  // namespace hangar::cli
