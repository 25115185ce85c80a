// SPDX-License-Identifier: GPL-2.0-only
// The steps of a sequence, from what the guest sent.
#include "harness/outcome/steps.h"
#include "harness/verdict/matchers.h"
#include "tests/unit/stored_run.h"

namespace hangar::outcome {
namespace {

using testing::SizeIs;

std::vector<run::Step> three_steps() {
  return {{"load", 1, {"/repro/bin/load"}, false},
          {"net", 2, {"/repro/bin/net", "--n", "1"}, true},
          {"prio", 3, {"/repro/bin/prio"}, false}};
}

class StoredSequence : public StoredRun {
 protected:
  void SetUp() override {
    StoredRun::SetUp();
    run::Bundle bundle;
    bundle.hang_threshold = std::chrono::milliseconds(10000);
    bundle.boot_deadline = std::chrono::milliseconds(60000);
    bundle.steps = three_steps();
    ASSERT_TRUE(write_file(directory_->file(run::bundle_file), to_json(bundle)));
    hello();
  }
  void pulse(double host_s, const std::string& line) { ASSERT_TRUE(pulse_->pulse(host_s, line)); }
  // Beats of a step, with a probe that goes on and a progress that does not.
  void beats_of(double from, double until, int step, int progress, int step_progress) {
    for (double at = from; at < until; at += 0.1) {
      ++seq_;
      pulse(at, fmt::format("P {} {} {} {} r - {} {}", seq_, static_cast<int>(at * 1000), seq_, progress,
                            step, step_progress));
    }
  }
};

TEST_F(StoredSequence, TimesAndStatusOfEachStep) {
  say(2.1, R"({"t":"step","n":1,"pid":40})");
  say(3.0, R"({"t":"step-exit","n":1,"code":0,"signal":0})");
  say(3.1, R"({"t":"step","n":2,"pid":41})");
  say(4.0, R"({"t":"step-exit","n":2,"code":0,"signal":11})");
  say(4.1, R"({"t":"step","n":3,"pid":42})");
  say(5.0, R"({"t":"step-exit","n":3,"code":3,"signal":0})");
  say(5.0, R"({"t":"step-exit","n":4,"code":9,"signal":0})");
  say(5.1, R"({"t":"exit","code":3,"signal":0})");
  console(4.9, "prio: cannot open x");
  console(4.95, "net: is not the one that failed");
  event(6, "end", "done: shutdown");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.steps, SizeIs(3));
  EXPECT_EQ(outcome.steps[0].started_s, 2.1);
  EXPECT_EQ(outcome.steps[0].ended_s, 3.0);
  EXPECT_EQ(outcome.steps[0].exit, 0);
  EXPECT_EQ(outcome.steps[1].signal, 11);
  EXPECT_FALSE(outcome.steps[1].exit);
  EXPECT_EQ(outcome.steps[2].exit, 3);
  EXPECT_EQ(outcome.steps[1].name, "net");
  EXPECT_THAT(outcome, verdict::ExitsWith(3));
  ASSERT_TRUE(outcome.last_words);
  EXPECT_EQ(outcome.last_words->text, "prio: cannot open x");
  EXPECT_TRUE(outcome.hangs.empty());
}

// The agent's port is stuck from step 2 on.
TEST_F(StoredSequence, BeatsShowTheStepsThatTheAgentDoesNot) {
  say(2.1, R"({"t":"step","n":1,"pid":40})");
  beats_of(2.2, 4, 1, 5, 0);
  beats_of(4, 6, 3, 5, 5);
  say(7.0, R"({"t":"step-exit","n":1,"code":0,"signal":0})");
  event(8, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.steps, SizeIs(3));
  EXPECT_NEAR(*outcome.steps[0].ended_s, 4.0, 0.15);
  EXPECT_NEAR(*outcome.steps[1].started_s, 4.0, 0.15);
  EXPECT_NEAR(*outcome.steps[2].started_s, 4.0, 0.15);
  EXPECT_FALSE(outcome.steps[2].ended_s);
  EXPECT_FALSE(outcome.steps[2].exit);
}

TEST_F(StoredSequence, AHangIsOfTheStepThatRanForTheLongestPartOfIt) {
  say(2.1, R"({"t":"step","n":1,"pid":40})");
  beats_of(2.2, 4, 1, 5, 0);
  say(4.0, R"({"t":"step","n":2,"pid":41})");
  beats_of(4, 30, 2, 6, 5);
  event(30, "end", "hang-over: every step of on-hang was taken");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  ASSERT_TRUE(outcome.hangs[0].step);
  EXPECT_EQ(outcome.hangs[0].step->number, 2);
  EXPECT_EQ(outcome.hangs[0].step->of, 3);
  EXPECT_EQ(outcome.hangs[0].step->name, "net");
}

TEST(StepOf, TheLastSignOfLifeCanBeOfTheStepBefore) {
  StepTimes times(three_steps());
  guest::AgentMessage message;
  message.type = guest::AgentMessage::Type::step;
  message.count = 1;
  times.saw(2, message);
  message.count = 2;
  times.saw(5.2, message);
  verdict::Hang hang;
  hang.start_s = 5;
  hang.duration_s = 0.1;
  EXPECT_EQ(step_of(hang, times.runs())->number, 1);
  hang.duration_s = 20;
  guest::Beat beat;
  beat.step = 2;
  times.saw(5.3, beat);
  EXPECT_EQ(step_of(hang, times.runs())->number, 2);
  hang.start_s = 0;
  hang.duration_s = 1;
  EXPECT_FALSE(step_of(hang, times.runs()));
  EXPECT_FALSE(step_of(hang, {}));
}

TEST(FailedStep, IsTheFirstThatMustNotFail) {
  const auto steps = three_steps();
  auto runs = StepTimes(steps).runs();
  EXPECT_EQ(failed_step(steps, runs), nullptr);
  runs[0].exit = 0;
  runs[1].exit = 1;
  EXPECT_EQ(failed_step(steps, runs), nullptr);
  runs[2].signal = 9;
  EXPECT_EQ(failed_step(steps, runs), &steps[2]);
}

}  // namespace
}  // namespace hangar::outcome
