// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "harness/base/facts.h"
#include "harness/log/parse/event.h"

// Hangs that only the kernel's own detectors tell of, while pulse, probe and progress go on: lockups and RCU
// stalls of one CPU, tasks that stay blocked. For the live run, so that it takes the steps of on-hang; the
// outcome is derived from the whole log later. Pure; times in seconds.
namespace hangar::outcome {

class KernelReports {
 public:
  void saw(double time_s, const log::Event& event);
  // The harness did not run between these times: its absence may have kept the kernel from running.
  void not_looked(double from_s, double to_s);

  // lockup or task when the reports show a hang longer than the threshold that goes on.
  [[nodiscard]] std::optional<HangKind> ongoing(double time_s, double threshold_s) const;
  [[nodiscard]] double start_s() const { return start_s_.value_or(0); }

 private:
  void report(double time_s, double stuck_s, HangKind kind);

  std::optional<double> start_s_;
  double last_s_ = 0;
  double blind_until_s_ = -1;
  HangKind kind_ = HangKind::task;
};

}  // namespace hangar::outcome
