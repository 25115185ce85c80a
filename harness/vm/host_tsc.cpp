// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/host_tsc.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>

#include <fmt/format.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace hangar::vm {

#if defined(__x86_64__)
namespace {

struct Sample {
  std::uint64_t ticks = 0;
  std::chrono::steady_clock::time_point time;
};

// The clock read between the two closest reads of the counter: pairs with a preemption in between are not
// used.
Sample sample() {
  Sample best;
  std::uint64_t narrowest = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 50; i++) {
    const std::uint64_t before = __rdtsc();
    const auto time = std::chrono::steady_clock::now();
    const std::uint64_t after = __rdtsc();
    if (after <= before || after - before >= narrowest) continue;
    narrowest = after - before;
    best = {before + narrowest / 2, time};
  }
  return best;
}

unsigned measure() {
  const Sample start = sample();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const Sample end = sample();
  const double us = std::chrono::duration<double, std::micro>(end.time - start.time).count();
  if (us <= 0 || end.ticks <= start.ticks) return 0;
  const double mhz = static_cast<double>(end.ticks - start.ticks) / us;
  return mhz > 100 && mhz < 20000 ? static_cast<unsigned>(std::lround(mhz)) : 0;
}

}  // namespace

unsigned host_tsc_mhz() {
  static const unsigned mhz = measure();
  return mhz;
}
#else
unsigned host_tsc_mhz() {
  return 0;
}
#endif

std::string tcg_clock_argument() {
  return host_tsc_mhz() == 0 ? "" : fmt::format(" tsc_early_khz={}000", host_tsc_mhz());
}

}  // namespace hangar::vm
