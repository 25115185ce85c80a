// SPDX-License-Identifier: GPL-2.0-only
#include <bit>

#include <gmock/gmock.h>

#include "harness/stats/factorial.h"

namespace hangar::stats {
namespace {

int sign(std::uint32_t mask, int which) {
  return (mask >> which & 1u) != 0 ? 1 : -1;
}

// Resolution IV: every switch is balanced, balanced against every other, and no two-switch interaction looks
// like a main effect.
TEST(Factorial, TheFractionIsOfResolutionFour) {
  const auto masks = sixteen_settings(8);
  ASSERT_EQ(masks.size(), 16u);
  EXPECT_EQ(masks.front(), 0u);
  EXPECT_EQ(masks.back(), 255u);
  for (int a = 0; a < 8; ++a) {
    int alone = 0;
    for (const auto mask : masks) alone += sign(mask, a);
    EXPECT_EQ(alone, 0) << a;
    for (int b = 0; b < 8; ++b) {
      for (int c = b + 1; c < 8; ++c) {
        int together = 0;
        for (const auto mask : masks) together += sign(mask, a) * sign(mask, b) * sign(mask, c);
        if (a != b && a != c) {
          EXPECT_EQ(together, 0) << a << b << c;
        }
      }
    }
  }
}

TEST(Factorial, OneOffEachLeavesOneOut) {
  const auto masks = one_off_each(8);
  ASSERT_EQ(masks.size(), 8u);
  for (const auto mask : masks) EXPECT_EQ(std::popcount(mask), 7);
}

// Newcombe 1998, table II: 56 of 70 against 48 of 80 is 0.2, from 0.0524 to 0.3339.
TEST(Factorial, WithOneSettingOnEachSideTheIntervalIsNewcombes) {
  const Effect effect = effect_of(0, {{1, 70, 56}, {0, 80, 48}});
  EXPECT_NEAR(effect.difference, 0.2, 1e-9);
  EXPECT_NEAR(effect.interval.low, 0.0524, 1e-4);
  EXPECT_NEAR(effect.interval.high, 0.3339, 1e-4);
}

// Switch 0 does nothing: with it or without it, settings with switch 1 always hang and the others never.
// Settings with both switches on have more runs, as after an interrupted study. Pooled runs would show an
// effect of 0.32.
TEST(Factorial, SettingsHaveTheSameWeightWhateverTheirRuns) {
  const Effect effect = effect_of(0, {{0, 10, 0}, {1, 10, 0}, {2, 10, 10}, {3, 50, 50}});
  EXPECT_EQ(effect.with, 0.5);
  EXPECT_EQ(effect.without, 0.5);
  EXPECT_EQ(effect.difference, 0);
  EXPECT_LT(effect.interval.low, 0);
  EXPECT_GT(effect.interval.high, 0);
  EXPECT_EQ(effect.settings_with, 2);
  EXPECT_EQ(effect.runs_with, 60);
  EXPECT_EQ(effect.runs_without, 20);
}

// By hand: Wilson's interval of 0 of 4 is 0 to 0.4899, that of 4 of 4 is 0.5101 to 1. On each side two
// settings, so the distances are halved and their squares added.
TEST(Factorial, TheIntervalCombinesThoseOfTheSettings) {
  const Effect effect = effect_of(0, {{0, 4, 0}, {1, 4, 4}, {2, 4, 0}, {3, 4, 4}});
  EXPECT_EQ(effect.difference, 1);
  EXPECT_NEAR(effect.interval.low, 1 - 0.4899, 1e-4);
  EXPECT_EQ(effect.interval.high, 1);
}

TEST(Factorial, SettingsWithoutRunsAreLeftOut) {
  const Effect effect = effect_of(0, {{0, 4, 0}, {1, 4, 4}, {2, 0, 0}, {3, 0, 0}});
  EXPECT_EQ(effect.difference, 1);
  EXPECT_EQ(effect.settings_with, 1);
}

TEST(Factorial, NothingIsKnownOfASwitchThatNeverMoved) {
  const Effect effect = effect_of(3, {{1, 10, 5}});
  EXPECT_EQ(effect.interval.low, -1);
  EXPECT_EQ(effect.interval.high, 1);
}

// A made-up kernel that hangs only with switches 0 and 2: both show, the others do not.
TEST(Factorial, FindsTheSwitchesThatMatter) {
  std::vector<SettingTally> tallies;
  for (const auto mask : sixteen_settings(8)) tallies.push_back({mask, 4, (mask & 5u) == 5u ? 4 : 0});
  for (int which = 0; which < 8; ++which) {
    const Effect effect = effect_of(which, tallies);
    const bool matters = which == 0 || which == 2;
    EXPECT_EQ(effect.interval.low > 0, matters) << which;
  }
}

}  // namespace
}  // namespace hangar::stats
