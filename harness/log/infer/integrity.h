// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/log/parse/event.h"
#include "harness/log/record/record.h"

// Damage to the log itself: messages that printk dropped, two messages on one line, lines that a user
// removed, times that go back without a reboot. Each is reported once, where it happens.
namespace hangar::log {

class IntegrityWatch {
 public:
  // True when the record is nothing but a mark of damage.
  bool feed(const Record& record, bool hot, const EventSink& sink);
  [[nodiscard]] static bool is_mark(const Record& record);

 private:
  std::uint64_t spliced_line_ = 0;
};

}  // namespace hangar::log
