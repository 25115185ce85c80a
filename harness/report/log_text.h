// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/outcome/timeline.h"
#include "harness/report/record.h"

// The console's log of a run as a page holds it: consecutive lines as "SECONDS<tab>TEXT", the seconds since
// QEMU started. "@12" on a line before them: the first one is line 12. Control characters and invalid UTF-8
// are visible as \xNN (sanitize_for_terminal()); what is beyond `max_line_bytes` is cut off, which the line
// shows.
namespace hangar::report {

// An empty one for a run without a log.
[[nodiscard]] Result<outcome::Timeline> read_timeline(const Record& record);

inline constexpr std::size_t max_line_bytes = 1000;
inline constexpr std::int64_t lines_around = 2;  // a line that is cited

// Rising numbers of lines: the last `tail` ones, those that are cited, and lines_around on both sides.
[[nodiscard]] std::vector<std::int64_t> excerpt_lines(const std::vector<std::int64_t>& cited,
                                                      std::int64_t lines, std::int64_t tail);
// The lines of the log from 1 to `lines` that are not in `without`, which rises.
[[nodiscard]] std::vector<std::int64_t> other_lines(const std::vector<std::int64_t>& without,
                                                    std::int64_t lines);

// `lines` rise.
[[nodiscard]] std::string log_text(const outcome::Timeline& timeline, const std::vector<std::int64_t>& lines);

// The first line that came at this time or later; the last one if there is none; 0: the log is empty.
[[nodiscard]] std::int64_t line_at(const outcome::Timeline& timeline, double time_s);

}  // namespace hangar::report
