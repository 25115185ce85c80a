// SPDX-License-Identifier: GPL-2.0-only
// What the agent, the pulse and the events of a run say, where several of them say something.
#include "harness/outcome/host_load.h"
#include "harness/verdict/matchers.h"
#include "tests/unit/stored_run.h"

namespace hangar::outcome {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using verdict::End;

class StoredSignals : public StoredRun {
 protected:
  void pulse(double host_s, const std::string& line) { ASSERT_TRUE(pulse_->pulse(host_s, line)); }
};

TEST_F(StoredSignals, FirstHelloAndFirstStartCount) {
  hello();
  say(5, R"({"t":"hello","version":1,"kernel":"6.1.0"})");
  say(6, R"({"t":"started","pid":41})");
  event(9, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  EXPECT_TRUE(outcome.hello);
  EXPECT_EQ(outcome.hello_s, 2.0);
  EXPECT_EQ(outcome.started_s, 2.1);
}

TEST_F(StoredSignals, ThePulseHasTheExitStatusIfTheAgentHasNone) {
  hello();
  pulse(3, "P 1 3000 1 0 r -");
  pulse(4, "P 2 4000 2 0 x 3");
  event(5, "end", "deadline: the scenario's deadline");
  EXPECT_THAT(derive(), verdict::ExitsWith(3));
}

// As a shell has it: 128 and the signal.
TEST_F(StoredSignals, AStatusAbove128IsASignal) {
  hello();
  pulse(4, "P 2 4000 2 0 x 137");
  event(5, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  ASSERT_TRUE(outcome.exit);
  EXPECT_EQ(outcome.exit->signal, 9);
  EXPECT_EQ(outcome.exit->code, 0);
}

TEST_F(StoredSignals, AStatusOf128IsNoSignal) {
  hello();
  pulse(4, "P 2 4000 2 0 x 128");
  event(5, "end", "deadline: the scenario's deadline");
  EXPECT_THAT(derive(), verdict::ExitsWith(128));
}

TEST_F(StoredSignals, TheAgentsExitStatusCounts) {
  hello();
  say(3, R"({"t":"exit","code":2,"signal":0})");
  pulse(4, "P 2 4000 2 0 x 137");
  event(5, "end", "deadline: the scenario's deadline");
  EXPECT_THAT(derive(), verdict::ExitsWith(2));
}

TEST_F(StoredSignals, AProgramKilledByASignalHasLastWords) {
  hello();
  console(2.2, "memcg-oom: about to dereference nothing");
  say(3, R"({"t":"exit","code":0,"signal":11})");
  event(5, "end", "done: guest-shutdown");
  const verdict::Outcome outcome = derive();
  ASSERT_TRUE(outcome.exit);
  EXPECT_EQ(outcome.exit->signal, 11);
  ASSERT_TRUE(outcome.last_words);
  EXPECT_EQ(outcome.last_words->line, 3);
}

TEST_F(StoredSignals, TheLastWordsMayBeTheFirstLine) {
  console(0.5, "memcg-oom: the only line");
  say(2, R"({"t":"hello","version":1,"kernel":"6.1.0"})");
  say(3, R"({"t":"exit","code":1,"signal":0})");
  event(5, "end", "done: guest-shutdown");
  const verdict::Outcome outcome = derive();
  ASSERT_TRUE(outcome.last_words);
  EXPECT_EQ(outcome.last_words->line, 1);
}

TEST_F(StoredSignals, TheEndIsReadWithItsDetail) {
  hello();
  event(9, "counters", "read when watching had ended");
  event(7, "end", "host-trouble: the disk is full: 0 bytes");
  const verdict::Outcome outcome = derive();
  EXPECT_EQ(outcome.end, End::host_trouble);
  EXPECT_EQ(outcome.end_detail, "the disk is full: 0 bytes");
  EXPECT_EQ(outcome.watched_s, 7);
}

TEST_F(StoredSignals, AnEndWithoutADetailHasNone) {
  hello();
  event(7, "end", "interrupted");
  const verdict::Outcome outcome = derive();
  EXPECT_EQ(outcome.end, End::interrupted);
  EXPECT_EQ(outcome.end_detail, "");
}

TEST_F(StoredSignals, AWorkerWithoutAnEndWasKilled) {
  hello();
  event(3, "sysrq", "w");
  const verdict::Outcome outcome = derive();
  EXPECT_EQ(outcome.end, End::interrupted);
  EXPECT_EQ(outcome.end_detail, "the worker was killed");
  EXPECT_EQ(outcome.watched_s, 3);
}

// The counters are read, and the guest goes on, after a hang was seen to its end.
TEST_F(StoredSignals, SignalsAfterTheEndOfWatchingDoNotCount) {
  hello();
  beats(2, 5, true);
  beats(5, 40, false);
  event(40, "end", "hang-over: every step of on-hang was taken");
  beats(40.5, 45, true);
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  EXPECT_TRUE(outcome.hangs[0].censored);
  EXPECT_NEAR(outcome.hangs[0].duration_s, 35, 0.2);
}

TEST_F(StoredSignals, AGuestThatSaidByeDoesNotHang) {
  hello();
  beats(2, 5, true);
  say(5, R"({"t":"bye"})");
  event(30, "end", "deadline: the scenario's deadline");
  EXPECT_THAT(derive(), verdict::HasNoHang());
}

TEST_F(StoredSignals, AProgramThatEndedNeedNotProgress) {
  hello();
  for (int i = 0; i < 40; ++i) {
    const double at_s = 2.5 + i;
    const int progress = std::min(i, 3);
    pulse(at_s, fmt::format("P {} {} {} {} r -", i + 1, static_cast<int>(at_s * 1000), i + 1, progress));
    if (i == 5) say(at_s, R"({"t":"exit","code":0,"signal":0})");
  }
  event(42, "end", "deadline: the scenario's deadline");
  EXPECT_THAT(derive(), verdict::HasNoHang());
}

TEST_F(StoredSignals, OnlySamplesWithinTheHangAreEvidence) {
  hello();
  beats(2, 5, true);
  event(4, "vcpus", "CPU 0 at before+0x1");
  beats(5, 40, false);
  beats(40, 45, true);
  event(42, "vcpus", "CPU 0 at after+0x1");
  event(45, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  EXPECT_THAT(outcome.hangs[0].evidence, Not(HasSubstr("CPU 0")));
}

TEST_F(StoredSignals, AHangAtBootCitesTheLastEightLines) {
  for (int i = 0; i < 12; ++i) console(0.5 + 0.1 * i, fmt::format("[    {}.000000] line {}", i, i));
  event(60.1, "end", "hang-over: no hello within 60 s");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  ASSERT_THAT(outcome.hangs[0].lines, SizeIs(8));
  EXPECT_EQ(outcome.hangs[0].lines.back().line, 12);
  EXPECT_THAT(outcome.tail, SizeIs(8));
}

TEST_F(StoredSignals, ADisturbedHostMakesAHangSuspect) {
  hello();
  beats(2, 5, true);
  beats(5, 40, false);
  event(40, "end", "deadline: the scenario's deadline");
  HostLoad load;
  std::string lines;
  for (double at_s = 0; at_s < 12; ++at_s) {
    load.begin_s = at_s;
    load.end_s = at_s + 1;
    load.steal = at_s < 4 ? 0 : 0.5;
    load.other_guests = at_s < 4 ? 0 : 1;
    lines += to_json(load) + "\n";
  }
  ASSERT_TRUE(write_file(directory_->file(host_load_file), lines));
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.disturbances, SizeIs(1));
  EXPECT_EQ(outcome.disturbances[0].start_s, 4);
  EXPECT_EQ(outcome.disturbances[0].end_s, 12);
  EXPECT_EQ(outcome.shared, true);
  ASSERT_THAT(outcome.hangs, SizeIs(1));
  EXPECT_TRUE(outcome.hangs[0].suspect);
}

TEST_F(StoredSignals, OfACrashTheFirstLineIsCitedAndItsTypeKept) {
  hello();
  console(5, "[    4.500000] BUG: kernel NULL pointer dereference, address: 0000000000000008");
  console(5, "[    4.500100] RIP: 0010:oom_kill_process+0x10/0x20");
  beats(2, 20, true);
  event(20, "end", "deadline: the scenario's deadline");
  const verdict::Outcome outcome = derive();
  ASSERT_THAT(outcome.crashes, SizeIs(1));
  EXPECT_THAT(outcome.crashes[0].line.text, HasSubstr("NULL pointer dereference"));
  EXPECT_NEAR(outcome.crashes[0].time_s, 5, 0.01);
  EXPECT_FALSE(outcome.crashes[0].panic);
}

TEST_F(StoredSignals, OnlyTheFirstHelloSaysHowSlowTheGuestIs) {
  hello();
  say(2.05, R"({"t":"hello","version":1,"kernel":"6.1.0","loop_us":100000})");
  beats(2.2, 20, true);
  beats(20, 45, false);
  event(45, "end", "done: guest-shutdown");
  EXPECT_THAT(derive().hangs, SizeIs(1)) << "a stall of 25 s, with a threshold of 10 s";
}

TEST_F(StoredSignals, ProgressMayBeZero) {
  hello();
  say(2.3, R"({"t":"progress","count":0,"uptime_ms":1864})");
  event(2.5, "end", "done: guest-shutdown");
  EXPECT_EQ(derive().progress, 0U);
}

}  // namespace
}  // namespace hangar::outcome
