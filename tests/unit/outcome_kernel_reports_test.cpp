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
  EXPECT_EQ(to_string(reports.ongoing(22, 10)), "lockup");
  EXPECT_EQ(reports.start_s(), 10);
  EXPECT_FALSE(reports.ongoing(60, 10)) << "nothing came for half a minute";
}

TEST(KernelReports, TasksAreTheLesserName) {
  KernelReports reports;
  reports.saw(20, hung_task(12));
  EXPECT_EQ(to_string(reports.ongoing(20, 10)), "task");
  reports.saw(21, lockup(4));
  EXPECT_EQ(to_string(reports.ongoing(21, 10)), "lockup");
}

TEST(KernelReports, StallOfOurOwnMakingIsNone) {
  KernelReports reports;
  reports.not_looked(10, 70);
  reports.saw(70.5, lockup(60));
  EXPECT_FALSE(reports.ongoing(71, 10));
}

TEST(KernelReports, AHangIsAsLongAsTheThresholdOrLonger) {
  KernelReports reports;
  reports.saw(20, hung_task(10));
  EXPECT_EQ(to_string(reports.ongoing(20, 10)), "task");
  EXPECT_FALSE(reports.ongoing(20, 10.1));
  EXPECT_FALSE(KernelReports().ongoing(20, 0)) << "nothing was reported";
}

TEST(KernelReports, AHangIsOverHalfAMinuteAfterItsLastReport) {
  KernelReports reports;
  reports.saw(20, lockup(12));
  EXPECT_EQ(to_string(reports.ongoing(50, 10)), "lockup");
  EXPECT_FALSE(reports.ongoing(50.1, 10));
  reports.saw(50.1, hung_task(11));
  EXPECT_EQ(to_string(reports.ongoing(51, 10)), "task") << "this is another one";
  EXPECT_NEAR(reports.start_s(), 39.1, 1e-9);
}

TEST(KernelReports, AHangBeginsWithTheEarliestOfItsReports) {
  KernelReports reports;
  reports.saw(20, lockup(12));
  reports.saw(25, lockup(20));
  EXPECT_EQ(reports.start_s(), 5);
  reports.saw(26, hung_task(3));
  EXPECT_EQ(reports.start_s(), 5);
  EXPECT_EQ(to_string(reports.ongoing(26, 10)), "lockup") << "a task is the lesser name";
}

TEST(KernelReports, WorkQueuesAndOtherEventsAreNoHangs) {
  KernelReports reports;
  log::Lockup stuck;
  stuck.kind = log::LockupKind::workqueue;
  stuck.stuck_s = 60;
  reports.saw(70, {1, std::nullopt, stuck});
  reports.saw(71, {2, std::nullopt, log::Panic{}});
  EXPECT_FALSE(reports.ongoing(71, 10));
}

TEST(KernelReports, AReportWithoutALengthBeginsThen) {
  KernelReports reports;
  reports.saw(20, {1, std::nullopt, log::Lockup{}});
  reports.saw(30, {2, std::nullopt, log::HungTask{}});
  EXPECT_EQ(reports.start_s(), 20);
  EXPECT_EQ(to_string(reports.ongoing(30, 10)), "lockup");
}

TEST(KernelReports, OurAbsenceEndsAHangThatBeganShortlyBefore) {
  KernelReports shortly;
  shortly.saw(20, hung_task(12));  // from 8 s on
  shortly.not_looked(38, 39);
  EXPECT_FALSE(shortly.ongoing(39, 10));
  KernelReports long_before;
  long_before.saw(20, hung_task(12));
  long_before.not_looked(38.1, 39);
  EXPECT_EQ(to_string(long_before.ongoing(39, 10)), "task");
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
