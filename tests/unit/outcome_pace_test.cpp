// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/outcome/pace.h"

namespace hangar::outcome {
namespace {

PaceInputs steady(double until_s) {
  PaceInputs in;
  in.started_s = 2;
  in.until_s = until_s;
  for (double at = 2.5; at < until_s; at += 0.5) in.advances_s.push_back(at);
  return in;
}

TEST(Pace, OfAGuestThatGetsOn) {
  PaceInputs in = steady(10);
  in.probe_ms = {4, 2, 3, 100};
  const auto pace = pace_of(in);
  EXPECT_DOUBLE_EQ(pace.ran_s, 8);
  EXPECT_FALSE(pace.stall_s);
  EXPECT_EQ(pace.probe_median_ms, 3);
  EXPECT_EQ(pace.probe_p95_ms, 100);
}

TEST(Pace, TheFirstStretchWithoutProgressIsTheStall) {
  PaceInputs in = steady(10);
  std::erase_if(in.advances_s, [](double at) { return (at > 4.1 && at < 5.4) || (at > 7 && at < 9); });
  EXPECT_EQ(pace_of(in).stall_s, 2) << "4.0 to 5.5, since the start at 2";
  in.gaps = {{4.2, 5.2}};
  EXPECT_EQ(pace_of(in).stall_s, 5) << "while the harness did not run, nothing is known";
}

TEST(Pace, AStallLastsUntilTheEndAndBeginsAtTheStart) {
  PaceInputs in;
  in.started_s = 2;
  in.until_s = 2.9;
  EXPECT_FALSE(pace_of(in).stall_s) << "shorter than 1 s";
  in.until_s = 3;
  EXPECT_EQ(pace_of(in).stall_s, 0);
  in.advances_s = {1, 50};
  EXPECT_EQ(pace_of(in).stall_s, 0) << "what is outside of the run does not count";
  EXPECT_FALSE(pace_of(in).probe_median_ms);
}

TEST(Pace, MemoryIsFreeAtTheFirstSignOfIt) {
  const auto kill = [](std::int64_t pid, double at) {
    verdict::OomKill made;
    made.pid = pid;
    made.time_s = at;
    return made;
  };
  std::vector<verdict::OomKill> kills = {kill(7, 3), kill(8, 4), kill(7, 20)};
  set_free_times({{7, 1}, {7, 5}, {7, 6}, {9, 3}}, kills);
  EXPECT_EQ(kills[0].free_s, 5) << "an earlier process had the same PID";
  EXPECT_FALSE(kills[1].free_s);
  EXPECT_FALSE(kills[2].free_s);
}

}  // namespace
}  // namespace hangar::outcome
