// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/log/infer/rhythm.h"

namespace hangar::log {
namespace {

constexpr std::int64_t second = 1'000'000;

// Bursts `period` apart, then one after `gap`: does it break the rhythm?
bool breaks(int bursts, std::int64_t period, std::int64_t gap) {
  Rhythm rhythm;
  std::int64_t now = 0;
  for (int i = 0; i <= bursts; ++i, now += period)
    EXPECT_FALSE(rhythm.beat(now, static_cast<std::uint64_t>(i) + 1));
  return rhythm.beat(now - period + gap, 100);
}

TEST(Rhythm, TenEvenBurstsThenEightTimesThePeriod) {
  EXPECT_TRUE(breaks(10, 2 * second, 16 * second));
  EXPECT_FALSE(breaks(10, 2 * second, 16 * second - 1));
  EXPECT_FALSE(breaks(9, 2 * second, 60 * second)) << "too few bursts";
}

TEST(Rhythm, SilenceLastsTenSecondsAtLeast) {
  EXPECT_TRUE(breaks(10, second, 10 * second));
  EXPECT_FALSE(breaks(10, second, 10 * second - 1));
}

TEST(Rhythm, UnevenBurstsAreNone) {
  Rhythm rhythm;
  std::int64_t now = 0;
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(rhythm.beat(now, 1));
    now += i % 7 == 0 ? 4 * second : second;
  }
  EXPECT_FALSE(rhythm.beat(now + 200 * second, 2));
}

TEST(Rhythm, LinesOfOneBurstAreOneBeat) {
  Rhythm rhythm;
  for (std::int64_t i = 0; i < 100; ++i) EXPECT_FALSE(rhythm.beat(i * 1000, 1));
  EXPECT_FALSE(rhythm.beat(100 * second, 2));
}

TEST(Rhythm, ResetForgetsIt) {
  Rhythm rhythm;
  for (int i = 0; i <= 20; ++i) rhythm.beat(i * second, 1);
  rhythm.reset();
  EXPECT_FALSE(rhythm.beat(100 * second, 2));
}

TEST(Rhythm, NamesTheGap) {
  Rhythm rhythm;
  for (int i = 0; i <= 10; ++i) rhythm.beat(i * second, static_cast<std::uint64_t>(i) + 1);
  ASSERT_TRUE(rhythm.beat(30 * second, 12));
  EXPECT_EQ(rhythm.gap_start_us(), 10 * second);
  EXPECT_EQ(rhythm.gap_end_us(), 30 * second);
  EXPECT_EQ(rhythm.line_before(), 11U);
  EXPECT_EQ(rhythm.line_after(), 12U);
}

}  // namespace
}  // namespace hangar::log
