// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_set>

#include "harness/log/parse/event.h"

namespace hangar::log {

/// Recognises reports that the log shows twice: a syslogd broadcast, a second console, `dmesg` in the guest.
/// The same report of the same time is the same event.
class RepeatWatch {
 public:
  /// True if the event was there before. `exact`: the log's clock counts microseconds.
  [[nodiscard]] bool is_repeat(const Event& event, bool exact);
  void reset() { *this = RepeatWatch{}; }

 private:
  std::unordered_set<std::uint64_t> seen_;
  std::deque<std::uint64_t> order_;  // of `seen_`, the oldest first
};

}  // namespace hangar::log
