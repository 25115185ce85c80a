// SPDX-License-Identifier: GPL-2.0-only
// The kernel's own counters, read by the agent and from the guest's memory, agree with what the log shows.
#include <gmock/gmock.h>

#include "harness/experiment/execute.h"
#include "harness/run/report.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using verdict::Verdict;

void expect_agreement(const run::RunReport& run) {
  ASSERT_TRUE(run.outcome.counters.oom_kills) << run.outcome.counters.note;
  EXPECT_EQ(*run.outcome.counters.oom_kills, static_cast<std::int64_t>(run.outcome.oom_kills.size()));
}

TEST(Witness, AgentCountsTheKillOfANormalRun) {
  const auto run = run_once(request_for("oom-kill", "v6.1"));
  EXPECT_EQ(run.verdict, Verdict::pass);
  EXPECT_EQ(to_string(run.outcome.counters.witness), "agent");
  EXPECT_EQ(run.outcome.counters.oom_kills, 1);
  EXPECT_EQ(run.outcome.counters.warnings, 0);
  expect_agreement(run);
}

// Both runs go on from one saved guest, whose counters are subtracted.
TEST(Witness, RestoredRunsAreCountedFromTheirStart) {
  auto request = request_for("oom-kill", "v6.1");
  request.boot = scenario::BootMode::restore;
  request.repeat = 2;
  PrintingObserver observer;
  const auto report = experiment::execute(request, observer);
  ASSERT_TRUE(report) << report.error().message;
  for (const auto& run : report->cells.front().runs) {
    EXPECT_TRUE(run.restored);
    EXPECT_EQ(to_string(run.outcome.counters.witness), "agent");
    expect_agreement(run);
  }
}

// No process of the guest runs any more.
TEST(Witness, MemoryOfAHungGuestHasNoKill) {
  const auto run = run_once(request_for("irqs-off", "v6.1"));
  EXPECT_EQ(run.verdict, Verdict::pass);
  EXPECT_EQ(to_string(run.outcome.counters.witness), "memory") << run.outcome.counters.note;
  EXPECT_EQ(run.outcome.counters.oom_kills, 0);
}

// The reproducer hangs in most runs, after one kill; where it does not, the agent counts.
TEST(Witness, MemoryOfAGuestThatHangsAfterAKillHasIt) {
  auto request = request_for(test_scenario("stall"), "");
  request.until_hang = true;
  request.repeat = 5;
  const auto run = run_once(request);
  EXPECT_EQ(to_string(run.outcome.counters.witness), run.outcome.hangs.empty() ? "agent" : "memory")
      << run.outcome.counters.note;
  EXPECT_FALSE(run.outcome.oom_kills.empty());
  expect_agreement(run);
}

}  // namespace
}  // namespace hangar::guest_tests
