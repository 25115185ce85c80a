// SPDX-License-Identifier: GPL-2.0-only
// Three weeks of two trees with three scenarios each. One commit is a regression; the rate of another
// scenario drifts with the machine, on all kernels alike. There is one alarm, with its culprit.
#include "tests/unit/nightly_jobs.h"

namespace hangar::nightly {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr int regression = 47;  // 4 commits a night: it is in the kernel of night 12

double rate_of_commit(const Series& series, int commit) {
  if (series.scenario == "never") return series.target == "next" && commit >= regression ? 0.55 : 0;
  return series.scenario == "drifts" ? 0.3 : 0.9;
}

// From 0.3 to 0.9 within the three weeks.
double drift_of_machine(const Series& series, double seconds) {
  return series.scenario == "drifts" ? 0.6 * seconds / (21 * 86400) : 0;
}

class ThreeWeeks : public NightlyJob, public testing::WithParamInterface<int> {};

TEST_P(ThreeWeeks, HaveOneAlarmTheRightOneWithItsCulprit) {
  seed = static_cast<std::uint64_t>(GetParam());
  rate = rate_of_commit;
  drift = drift_of_machine;
  make_lab();
  file.follow = {{TargetKind::git, "mainline", "linux", "master", ""},
                 {TargetKind::git, "next", "linux", "next", ""}};
  file.scenarios = {"never", "drifts", "often"};
  int alarm = 0;
  for (int number = 1; number <= 21; ++number) {
    const auto report = night(number);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_THAT(report->rows, SizeIs(6)) << "all series run each night";
    if (!report->found.empty()) alarm = number;
    EXPECT_EQ(report->result == NightResult::findings, alarm != 0) << "it stays open";
  }
  EXPECT_GE(alarm, 12);
  EXPECT_LE(alarm, 14) << "within three nights";
  ASSERT_THAT(lab->sent, SizeIs(1));
  EXPECT_THAT(lab->sent[0], HasSubstr("next/never fails or hangs more often"));
  EXPECT_THAT(lab->sent[0], HasSubstr("culprit: 47 "));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ThreeWeeks, testing::Range(1, 6));

}  // namespace
}  // namespace hangar::nightly
