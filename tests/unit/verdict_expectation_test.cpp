// SPDX-License-Identifier: GPL-2.0-only
#include <functional>

#include <gmock/gmock.h>

#include "harness/verdict/expectation.h"

namespace hangar::verdict {
namespace {

TEST(Expectation, RangesAreClosed) {
  const Range range{2, 5};
  for (const double value : {2.0, 3.5, 5.0}) EXPECT_TRUE(contains(range, value)) << value;
  for (const double value : {0.0, 1.9, 5.1}) EXPECT_FALSE(contains(range, value)) << value;
  EXPECT_TRUE(contains({2, {}}, 1e9));
  EXPECT_FALSE(contains({2, {}}, 1));
  EXPECT_TRUE(contains({{}, 5}, -1e9));
  EXPECT_FALSE(contains({{}, 5}, 6));
  EXPECT_TRUE(contains({}, 7));
}

TEST(Expectation, RangesInWords) {
  EXPECT_EQ(to_text(Range{1, 1}), "exactly 1");
  EXPECT_EQ(to_text(Range{2, 3}), "between 2 and 3");
  EXPECT_EQ(to_text(Range{30, {}}, " s"), "at least 30 s");
  EXPECT_EQ(to_text(Range{{}, 0.5}, " s"), "at most 0.5 s");
  EXPECT_EQ(to_text(Range{2, 3}, " s"), "between 2 and 3 s");
  EXPECT_EQ(to_text(Range{}), "any");
}

TEST(Expectation, IsEmptyWhileNothingIsStated) {
  EXPECT_TRUE(is_empty(RunExpectation{}));
  const std::vector<std::function<void(RunExpectation&)>> statements = {
      [](auto& run) { run.hang = HangExpectation{}; },
      [](auto& run) {
        run.oom_kills = Range{0, 0};
      },
      [](auto& run) { run.victims.emplace(); },
      [](auto& run) { run.crashes.emplace(); },
      [](auto& run) { run.exit_code = 0; },
      [](auto& run) { run.exit_signal = 9; },
      [](auto& run) { run.any_exit = true; },
      [](auto& run) { run.any_crashes = true; },
      [](auto& run) {
        run.progress = Range{1, {}};
      },
      [](auto& run) { run.finding = "silent-hang"; },
  };
  for (std::size_t i = 0; i < statements.size(); ++i) {
    RunExpectation run;
    statements[i](run);
    EXPECT_FALSE(is_empty(run)) << i;
    ExpectationGroup group;
    EXPECT_TRUE(is_empty(group));
    group.each_hung_run = run;
    EXPECT_FALSE(is_empty(group)) << i;
  }
  ExpectationGroup group;
  group.cell.hang_rate = Range{0.5, {}};
  EXPECT_FALSE(is_empty(group));
}

TEST(Expectation, AHangIsRequiredByAnythingThatOnlyAHangCanHave) {
  RunExpectation run;
  run.hang = HangExpectation{};
  EXPECT_FALSE(requires_hang(run));
  run.hang->kind = HangKind::task;
  EXPECT_TRUE(requires_hang(run));
  run.hang = HangExpectation{};
  run.hang->cause = StallCause::no_kill;
  EXPECT_TRUE(requires_hang(run));
  run.hang = HangExpectation{};
  run.hang->ended_by = HangEnd::kill;
  EXPECT_TRUE(requires_hang(run));
  run.hang = HangExpectation{};
  run.hang->none = true;
  EXPECT_FALSE(requires_hang(run));
}

TEST(Expectation, ACrashIsExpectedByItsTitle) {
  RunExpectation run;
  EXPECT_FALSE(expects_crash(run));
  run.crashes.emplace();
  EXPECT_FALSE(expects_crash(run)) << "none at all";
  run.crashes = {"BUG: x"};
  EXPECT_TRUE(expects_crash(run));
}

TEST(Expectation, AKernelHangsInEachRunOrAtSomeRate) {
  ExpectationGroup group;
  group.each_run.hang = HangExpectation{};
  group.each_run.hang->kind = HangKind::task;
  EXPECT_TRUE(expects_hang(group));
  group = {};
  group.cell.hang_rate = Range{0, {}};
  EXPECT_FALSE(expects_hang(group));
}

}  // namespace
}  // namespace hangar::verdict
