// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "harness/log/parse/event.h"

namespace hangar::log {

/// Recognises reports that the log shows twice: a syslogd broadcast, a second console, `dmesg` in the guest.
/// The same report of the same time is the same event. Stacks are not compared. Remembers some thousands of
/// the last reports.
class RepeatWatch {
 public:
  /// True if the event was there before. `exact`: the log's clock counts microseconds.
  [[nodiscard]] bool is_repeat(const Event& event, bool exact);
  void reset() { seen_.clear(); }

 private:
  std::vector<std::uint64_t> seen_;  // each hash at its place
};

}  // namespace hangar::log
