// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "harness/report/record.h"

// What happened in one run on one axis of time, from its directory. Seconds are those of Record.
namespace hangar::report {

struct Span {
  double from_s = 0;
  double to_s = 0;
  std::string text;
};

struct Mark {
  double time_s = 0;
  std::string text;
  std::int64_t line = 0;  // of serial.log, 1-based; 0: not in the log
};

struct Tracks {
  double end_s = 0;         // of watching
  std::vector<Mark> steps;  // hello, start, exit, end
  std::vector<Span> hangs;
  // Stretches of `gap_s` or more in which a signal did not move, although the guest was up (pulse, probe) or
  // the reproducer ran (progress).
  std::vector<Span> pulse_gaps;
  std::vector<Span> probe_gaps;
  std::vector<Span> progress_gaps;
  std::vector<Mark> kills;
  std::vector<Mark> keys;                       // SysRq keys that Hangar sent
  std::vector<Mark> crashes;                    // crash reports
  std::vector<Mark> reports;                    // of the kernel's hang detectors, outside of hangs
  std::vector<Span> host;                       // Outcome::disturbances
  std::vector<std::pair<double, double>> load;  // time and the share that the worst vCPU waited for a CPU
};

inline constexpr double gap_s = 1;

// A missing file has nothing to show; one that cannot be read is an error.
[[nodiscard]] Result<Tracks> read_tracks(const Record& record);

}  // namespace hangar::report
