// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/report/record.h"

// The parts of a run's log that explain its verdict, short enough for a mail. Text is safe for terminals.
namespace hangar::report {

struct Excerpt {
  std::string title;               // "child (48), state D, probably holds the mmap lock"
  std::int64_t line = 0;           // of serial.log, where it begins
  std::vector<std::string> lines;  // frames, or lines of the log
};

struct LogExtract {
  std::vector<Excerpt> holders;  // of the mmap lock, as the finding mmap-lock-livelock has them
  // One for each different stack of the tasks in state D, in the last dump of the hang that Hangar's keys had
  // not changed yet.
  std::vector<Excerpt> blocked;
  std::vector<Excerpt> crashes;  // reports, cut at `most_crash_lines`; not of hangs, if there are stacks
  std::vector<Excerpt> proof;  // the lines that judgements, hangs and kills cite, in order; one excerpt each
};

inline constexpr std::size_t most_crash_lines = 60;

[[nodiscard]] Result<LogExtract> extract_log(const Record& record);

}  // namespace hangar::report
