// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

namespace hangar::verdict {

// The ids of all findings: those of harness/log/finding.cpp and, of a live run, of experiment/movement.cpp. A
// scenario may expect one of them.
[[nodiscard]] inline const std::vector<std::string>& finding_ids() {
  static const std::vector<std::string> ids = {"child-sacrificed", "common-wait", "dying-tasks-in-allocator",
                                               "lock-cycle",       "lock-owner",  "mmap-lock-livelock",
                                               "moving-slowly",    "not-moving",  "rcu-kthread-starved",
                                               "reaper-failed",    "silent-hang", "victim-frees-little",
                                               "victim-mm-pinned"};
  return ids;
}

}  // namespace hangar::verdict
