// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

namespace hangar::run {

// The state of a running guest for users; also what the worker prints for its parent, a JSON line
// each.
struct Status {
  double time_s = 0;   // since QEMU started
  std::string phase;   // boot, run, hang, exit
  double guest_s = 0;  // the guest's own uptime, from its last beat
  std::optional<double> pulse_age_s;
  std::optional<double> probe_age_s;
  int oom_kills = 0;
  std::string note;  // "memory-stall for 12 s"
};

[[nodiscard]] std::string to_json(const Status& status);
[[nodiscard]] std::optional<Status> status_from_json(const std::string& line);

}  // namespace hangar::run
