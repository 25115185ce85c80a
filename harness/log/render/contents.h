// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/log/parse/event.h"

namespace hangar::log {

// Whether a log has lines of a kernel at all, and whether something in it is wrong.
class Contents {
 public:
  void on(const Event& event);
  // A time stamp of the kernel's or of a log daemon, or anything that only a kernel prints.
  [[nodiscard]] bool kernel_lines() const { return kernel_lines_; }
  // A hang, a crash report or a panic.
  [[nodiscard]] bool trouble() const { return trouble_; }

 private:
  bool kernel_lines_ = false;
  bool trouble_ = false;
};

}  // namespace hangar::log
