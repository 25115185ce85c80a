// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/store/serial.h"
#include "harness/verdict/outcome.h"

// Physical lines of a serial log, with the host time at which each came.
namespace hangar::outcome {

class Timeline {
 public:
  Timeline(std::string serial, store::SerialTimes times);

  [[nodiscard]] const std::string& bytes() const { return serial_; }
  [[nodiscard]] std::uint64_t lines() const { return starts_.size(); }
  // When the line's first byte came. `line` is 1-based; one past the end counts as the last.
  [[nodiscard]] double host_s(std::uint64_t line) const;
  // Those of `items` whose `line` came in this stretch. Items are in the order of their lines, as
  // log::LogFacts has them, and times rise with lines: this takes no scan.
  template <typename T>
  [[nodiscard]] std::span<const T> within(const std::vector<T>& items, double from_s, double to_s) const {
    const auto begin = std::partition_point(items.begin(), items.end(),
                                            [&](const T& item) { return host_s(item.line) < from_s; });
    const auto end =
        std::partition_point(begin, items.end(), [&](const T& item) { return host_s(item.line) <= to_s; });
    return {begin, end};
  }
  [[nodiscard]] verdict::CitedLine cite(std::uint64_t line) const;
  // The last `count` lines that are not empty.
  [[nodiscard]] std::vector<verdict::CitedLine> tail(size_t count) const;

 private:
  std::string serial_;
  store::SerialTimes times_;
  std::vector<std::uint64_t> starts_;
};

// The first of `items`, which are in the order of their lines, behind this line.
template <typename T>
[[nodiscard]] auto first_behind(const std::vector<T>& items, std::uint64_t line) {
  return std::partition_point(items.begin(), items.end(),
                              [line](const T& item) { return item.line <= line; });
}

}  // namespace hangar::outcome
