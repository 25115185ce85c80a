// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/guest/detectors.h"
#include "harness/outcome/kernel_reports.h"

namespace hangar::outcome {
namespace {

log::Event lockup(double stuck_s) {
  log::Lockup report;
  report.kind = log::LockupKind::rcu;
  report.stuck_s = stuck_s;
  return {1, std::nullopt, report};
}

log::Event hung_task(double blocked_s) {
  log::HungTask report;
  report.blocked_s = blocked_s;
  return {1, std::nullopt, report};
}

TEST(KernelReports, HangOnceTheyReachBackBeyondTheThreshold) {
  KernelReports reports;
  reports.saw(13, lockup(3));
  EXPECT_FALSE(reports.ongoing(13, 10)) << "one short stall is none";
  reports.saw(22, lockup(12));
  EXPECT_EQ(reports.ongoing(22, 10), "lockup");
  EXPECT_EQ(reports.start_s(), 10);
  EXPECT_FALSE(reports.ongoing(60, 10)) << "nothing came for half a minute";
}

TEST(KernelReports, TasksAreTheLesserName) {
  KernelReports reports;
  reports.saw(20, hung_task(12));
  EXPECT_EQ(reports.ongoing(20, 10), "task");
  reports.saw(21, lockup(4));
  EXPECT_EQ(reports.ongoing(21, 10), "lockup");
}

TEST(KernelReports, StallOfOurOwnMakingIsNone) {
  KernelReports reports;
  reports.not_looked(10, 70);
  reports.saw(70.5, lockup(60));
  EXPECT_FALSE(reports.ongoing(71, 10));
}

TEST(Detectors, StandInOrderForEveryThresholdOfNineSecondsAndMore) {
  for (int threshold = 9; threshold < 200; ++threshold) {
    const guest::DetectorTimes times = guest::detector_times(threshold);
    EXPECT_LT(times.rcu_stall_s, 2 * times.watchdog_s) << threshold;
    EXPECT_LT(2 * times.watchdog_s, times.hung_task_s) << threshold;
    EXPECT_LE(times.hung_task_s + 2 * times.hung_task_check_s, threshold) << threshold;
  }
  EXPECT_EQ(guest::detectors_command(guest::detector_times(10)), "detectors\t3\t2\t6\t1\n");
}

}  // namespace
}  // namespace hangar::outcome
