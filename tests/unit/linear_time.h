// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>
#include <time.h>

// Whether time is linear in the input: four times as much takes four times as long, with a scan over all that
// came before sixteen times. The limit is the mean of both, as factors: on a busy host the larger input
// misses the caches more often than the smaller one (6.4 times as long was measured).
namespace hangar {

// Of processor time: what else the machine does is no part of it.
inline double processor_s() {
  timespec now = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

inline double best_of_three(const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double start = processor_s();
    work();
    best = std::min(best, processor_s() - start);
  }
  return best;
}

inline void expect_linear(double once, double four_times) {
  EXPECT_LT(four_times, 8 * once + 0.005) << once << " s, " << four_times << " s";
}

}  // namespace hangar
