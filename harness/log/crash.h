// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/log/event.h"
#include "harness/log/record.h"

namespace hangar::log {

class CrashParser {
 public:
  void feed(const Record& record, const EventSink& sink) {
    (void)record;
    (void)sink;
  }
  void finish(const EventSink& sink) { (void)sink; }
  [[nodiscard]] bool open() const { return false; }
};

}  // namespace hangar::log
