// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/infer/rhythm.h"

#include <algorithm>

namespace hangar::log {
namespace {

// A rhythm is at least so many bursts, the longest distance at most three times the middle one; a silence of
// eight of the longest distances, and of ten seconds at least, breaks it.
constexpr std::size_t fewest = 10;
constexpr std::int64_t evenness = 3;
constexpr std::int64_t breaks = 8;
constexpr std::int64_t least_us = 10'000'000;

}  // namespace

bool Rhythm::burst(std::int64_t gap, std::int64_t from, std::int64_t to, std::uint64_t from_line,
                   std::uint64_t to_line) {
  if (gap < 0 || from < 0) {
    count_ = 0;
    return false;
  }
  bool broken = false;
  if (count_ >= fewest && gap >= least_us) {
    const std::size_t n = std::min(count_, window);
    std::array<std::int64_t, window> sorted = gaps_;
    std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(n));
    const std::int64_t longest = sorted[n - 1];
    broken = longest <= evenness * sorted[n / 2] && gap >= breaks * longest;
  }
  if (broken) {
    gap_start_us_ = from;
    gap_end_us_ = to;
    line_before_ = from_line;
    line_after_ = to_line;
    count_ = 0;
    return true;
  }
  gaps_[count_ % window] = gap;
  ++count_;
  return false;
}

}  // namespace hangar::log
