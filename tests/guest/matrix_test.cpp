// SPDX-License-Identifier: GPL-2.0-only
// Label `matrix`, beside the cells of the scenarios (scenarios_test.cpp): that what slab-page-type finds can
// be wrong, disks that need a kernel of their own, and a kernel that reports kills in other words. Kernels
// are built here when they are not in the cache.
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/experiment/execute.h"
#include "harness/store/run_directory.h"
#include "harness/verdict/matchers.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::Values;

// Each way in which v6.1-page-type-slab-broken can be made wrong is found, by slab-page-type or by the
// kernel's own checks (bit 32: "Bad page state"), and nothing without.
class BrokenPageTypeTest : public testing::TestWithParam<int> {};

TEST_P(BrokenPageTypeTest, IsFound) {
  auto request = request_for("slab-page-type", "v6.1-page-type-slab-broken");
  request.append = "page_type_broken=" + std::to_string(GetParam());
  const verdict::Outcome outcome = run_once(request).outcome;
  ASSERT_TRUE(outcome.exit.has_value());
  EXPECT_EQ(outcome.exit->code != 0 || !outcome.crashes.empty(), GetParam() != 0);
  if (GetParam() != 32) {
    EXPECT_EQ(outcome.exit->code, GetParam() == 0 ? 0 : 1);
  }
}

// Booted, then from a saved guest: on XFS, and no faster than it was asked to be.
TEST(Disks, XfsBootsIsSavedAndIsAsSlowAsAsked) {
  PrintingObserver observer;
  auto request = request_for("oom-kill", "v6.1-oom-2015+xfs");
  request.machine.disk = "xfs";
  request.machine.disk_iops = 100;
  request.append = "oom2015=0";
  request.boot = scenario::BootMode::restore;
  request.repeat = 2;
  const auto report = experiment::execute(request, observer);
  ASSERT_TRUE(report) << report.error().message << "\n" << report.error().detail;
  const auto& cell = report->cells.front();
  EXPECT_THAT(cell.machine, testing::HasSubstr("xfs of 100 IOPS"));
  for (const auto& run : cell.runs) {
    EXPECT_TRUE(run.restored);
    EXPECT_EQ(run.outcome.end, verdict::End::done) << run.outcome.end_detail;
    EXPECT_EQ(run.outcome.oom_kills.size(), 1u);
    const auto xml = read_file(run.directory / store::names::domain_xml);
    ASSERT_TRUE(xml);
    EXPECT_THAT(*xml, testing::HasSubstr("<total_iops_sec>100</total_iops_sec>"));
  }
}

// The kernel says "Killed the process": whatever the log shows then, it is no pass, and the counter is named.
TEST(OomMessage, KernelThatReportsKillsInOtherWordsDoesNotPass) {
  const auto run = run_once(request_for("oom-kill", "v6.1-oom-message"));
  EXPECT_EQ(run.outcome.counters.oom_kills, 1);
  EXPECT_NE(run.verdict, verdict::Verdict::pass);
  std::string got;
  for (const auto& judgement : run.judgements) got += judgement.got + "\n";
  EXPECT_THAT(got, testing::HasSubstr("the kernel counted 1 OOM kill"));
}

INSTANTIATE_TEST_SUITE_P(Bits, BrokenPageTypeTest, Values(0, 1, 2, 4, 8, 16, 32, 64));

}  // namespace
}  // namespace hangar::guest_tests
