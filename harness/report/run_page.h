// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/outcome/timeline.h"
#include "harness/report/record.h"
#include "harness/report/tracks.h"

// What the page shows of one run: its timeline, its events, the proof of its verdict.
namespace hangar::report {

// An event on the timeline. It links to its line of the log, which links back.
struct PageEvent {
  std::string kind;  // "hang", "kill", "crash", "report", "key", "finding"
  double time_s = 0;
  std::string text;
  std::int64_t line = 0;  // where it has no line: the first one that came later; 0: there is no log
};

// In order of time.
[[nodiscard]] std::vector<PageEvent> events_of(const Record& record, const Tracks& tracks,
                                               const outcome::Timeline& timeline);

// The lines that prove the verdict, and those of `events`.
[[nodiscard]] std::vector<std::int64_t> cited_lines(const Record& record,
                                                    const std::vector<PageEvent>& events);

// JSON for the script of the page, which has its reader in page/run.js.
[[nodiscard]] std::string run_json(const Run& run, const Tracks& tracks,
                                   const std::vector<PageEvent>& events);

}  // namespace hangar::report
