// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sys/resource.h>

namespace hangar::perf {

// Seconds, of RUSAGE_SELF or RUSAGE_CHILDREN. Other work on the host counts in the wall clock, and hardly
// here.
inline double processor_s(int who) {
  rusage used = {};
  ::getrusage(who, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace hangar::perf
