// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/log/parse/event.h"

// What kernel/hung_task.c prints: the reports, and the locks that the tasks wait for.
namespace hangar::log {

[[nodiscard]] std::optional<HungTask> parse_hung_task(std::string_view text);
// `INFO: task a:1 is blocked on a mutex likely owned by task b:2.`
[[nodiscard]] std::optional<HungTaskBlocker> parse_blocker(std::string_view text);

/// Kernels before 4.19 print the detector's period, 120 s, in each report of a task. A task that is reported
/// at two successive checks has not run in between, so the periods add up. Later kernels print how long
/// the task is blocked.
class HungTaskPeriods {
 public:
  // The kernel's release, as soon as it is known.
  void kernel(std::string_view release);
  // Sets blocked_s to what is known to have passed at least.
  void add_up(HungTask& report);
  void reset() { *this = HungTaskPeriods{}; }

 private:
  struct Series {
    double printed_s = 0;
    double blocked_s = 0;
    double time_s = 0;
  };
  std::optional<bool> constant_;  // by the kernel's release
  std::map<std::pair<std::int64_t, std::string>, Series> series_;
};

}  // namespace hangar::log
