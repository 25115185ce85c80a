// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hangar::log {

/// Where no clock but a wall clock, no level and no control character begins.
[[nodiscard]] bool is_plain_message(std::string_view text);

/// The beginning of a line with a wall clock. The next lines begin with the same bytes, but for their
/// seconds: their time is read without taking the stamp apart.
class WallMemo {
 public:
  void learn(std::string_view line);
  /// The time of a line that begins as the one that was learned, and that can have no other clock; else -1.
  [[nodiscard]] std::int64_t glance(std::string_view line) const;

 private:
  [[nodiscard]] bool fits(std::string_view line) const;

  std::string before_;        // the seconds; empty: nothing was learned
  std::string after_;         // the seconds and their fraction, up to the message
  std::size_t fraction_ = 0;  // digits, and the mark in front of them
  char mark_ = '\0';
  std::int64_t minute_us_ = 0;
};

}  // namespace hangar::log
