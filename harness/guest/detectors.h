// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

// When the kernel's own detectors speak. Their order makes that the same hang always gets the same name: RCU
// stall before soft lockup before hung task before our own silence, which is `hang-threshold` scaled by how
// slow the guest is.
namespace hangar::guest {

struct DetectorTimes {
  int rcu_stall_s = 21;       // rcupdate.rcu_cpu_stall_timeout; the kernel takes 3 to 300
  int watchdog_s = 10;        // kernel.watchdog_thresh; a soft lockup is twice that
  int hung_task_s = 120;      // kernel.hung_task_timeout_secs
  int hung_task_check_s = 0;  // kernel.hung_task_check_interval_secs; a report is late by up to twice that:
                              // the first look after a task has blocked only notes it
};

// For thresholds of 9 s and more all four fire in that order; below it Hangar's own timeout comes first.
[[nodiscard]] DetectorTimes detector_times(double threshold_s);
// The agent's command that sets them.
[[nodiscard]] std::string detectors_command(const DetectorTimes& times);
[[nodiscard]] std::string to_text(const DetectorTimes& times);

}  // namespace hangar::guest
