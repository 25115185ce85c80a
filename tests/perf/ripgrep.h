// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

namespace hangar::perf {

// What the log engine is measured by: ten of its literals, on one core.
inline std::string ripgrep_command(const std::string& path) {
  return "rg -c -a -j1 'invoked oom-killer|Killed process|MemAlloc|Kernel panic|BUG: |WARNING: |INFO: "
         "task|soft "
         "lockup|Call Trace|sysrq' " +
         path + " >/dev/null";
}

}  // namespace hangar::perf
