// SPDX-License-Identifier: GPL-2.0-only
// Several programs in one boot, in real guests.
#include <gmock/gmock.h>

#include "harness/run/report.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::SizeIs;

TEST(Sequence, TheFifthStepHangsAsTheSecondRanBeforeIt) {
  const run::RunReport run = run_once(request_for("sequence-hangs", "v6.1"));
  EXPECT_EQ(run.verdict, verdict::Verdict::pass) << verdict::to_json(run.outcome);
  ASSERT_THAT(run.outcome.hangs, SizeIs(1));
  ASSERT_TRUE(run.outcome.hangs[0].step);
  EXPECT_EQ(run.outcome.hangs[0].step->number, 5);
  EXPECT_EQ(run.outcome.hangs[0].step->name, "waiter");
  ASSERT_THAT(run.outcome.steps, SizeIs(6));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(run.outcome.steps[i].ended_s) << i;
    EXPECT_EQ(run.outcome.steps[i].exit, i == 3 ? 1 : 0);
  }
  EXPECT_FALSE(run.outcome.steps[5].started_s);
}

TEST(Sequence, WithoutTheSecondStepAllOfThemEnd) {
  run::Request request = request_for("sequence-hangs", "v6.1");
  request.steps = {1, 3, 4, 5, 6, 6};
  const run::RunReport run = run_once(request);
  EXPECT_THAT(run.outcome.hangs, SizeIs(0));
  EXPECT_EQ(run.outcome.progress, 13u);
  ASSERT_TRUE(run.outcome.exit);
  EXPECT_EQ(run.outcome.exit->code, 0);
  ASSERT_THAT(run.outcome.steps, SizeIs(6));
  EXPECT_TRUE(run.outcome.steps[5].ended_s);
}

}  // namespace
}  // namespace hangar::guest_tests
