// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// The rhythm of a log: how far apart its bursts of lines are. A silence is only strange in a log that was
// regular before it: idle guests print nothing for minutes, and boots have gaps too.
namespace hangar::log {

class Rhythm {
 public:
  // True when the gap before this line breaks the rhythm; gap_start() and gap_end() then name it.
  bool beat(std::int64_t time_us, std::uint64_t line) {
    const std::int64_t gap = time_us - last_us_;
    const std::int64_t from = last_us_;
    const std::uint64_t from_line = last_line_;
    last_us_ = time_us;
    last_line_ = line;
    if (gap < burst_us && gap > -burst_us) return false;
    return burst(gap, from, time_us, from_line, line);
  }
  // Discards the history, for example after a SysRq dump or when init starts.
  void reset() { count_ = 0; }

  [[nodiscard]] std::int64_t gap_start_us() const { return gap_start_us_; }
  [[nodiscard]] std::int64_t gap_end_us() const { return gap_end_us_; }
  [[nodiscard]] std::uint64_t line_before() const { return line_before_; }
  [[nodiscard]] std::uint64_t line_after() const { return line_after_; }

 private:
  static constexpr std::int64_t burst_us = 500'000;  // lines nearer than this are one burst
  static constexpr std::size_t window = 32;
  bool burst(std::int64_t gap, std::int64_t from, std::int64_t to, std::uint64_t from_line,
             std::uint64_t to_line);

  std::array<std::int64_t, window> gaps_{};
  std::size_t count_ = 0;
  std::int64_t last_us_ = -1;
  std::uint64_t last_line_ = 0;
  std::int64_t gap_start_us_ = 0;
  std::int64_t gap_end_us_ = 0;
  std::uint64_t line_before_ = 0;
  std::uint64_t line_after_ = 0;
};

}  // namespace hangar::log
