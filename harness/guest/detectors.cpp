// SPDX-License-Identifier: GPL-2.0-only
#include "harness/guest/detectors.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace hangar::guest {

DetectorTimes detector_times(double threshold_s) {
  const auto part = [&](double share) { return static_cast<int>(std::lround(threshold_s * share)); };
  DetectorTimes times;
  times.rcu_stall_s = std::clamp(part(0.3), 3, 300);
  times.watchdog_s = std::min(times.rcu_stall_s / 2 + 1, 60);
  times.hung_task_check_s = std::max(1, part(0.1));
  times.hung_task_s = std::max(2 * times.watchdog_s + 2, part(0.6));
  return times;
}

std::string detectors_command(const DetectorTimes& times) {
  return fmt::format("detectors\t{}\t{}\t{}\t{}\n", times.rcu_stall_s, times.watchdog_s, times.hung_task_s,
                     times.hung_task_check_s);
}

std::string to_text(const DetectorTimes& times) {
  return fmt::format("RCU stall {} s, soft lockup {} s, hung task {} s", times.rcu_stall_s,
                     2 * times.watchdog_s, times.hung_task_s);
}

}  // namespace hangar::guest
