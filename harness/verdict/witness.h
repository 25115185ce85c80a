// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "harness/verdict/outcome.h"

// The kernel's own counters against what the log shows. Where they differ, the log's count is not the truth:
// the kernel may print a message that the parser does not know, or the log may have lost lines.
namespace hangar::verdict {

// "the kernel counted 1 OOM kill, the log shows 0: unknown message format?"; nothing when both agree, or when
// there is no second witness.
[[nodiscard]] std::optional<std::string> kills_differ(const Outcome& outcome);
// The same for oopses and warnings of which the log shows no crash report. A report in the log without a
// count is not a contradiction: the kernel does not count reports of lockdep or of the page allocator's
// checks, say.
[[nodiscard]] std::optional<std::string> crashes_differ(const Outcome& outcome);

// "a victim was chosen (parent, pid 37), its kill is not in a known form": of victims that the kernel chose
// before our first SysRq f asked for a kill.
[[nodiscard]] std::optional<std::string> unknown_kill(const Outcome& outcome);

// "the log shows more than is kept: 340000 kills, 2 boots", of these parts; nothing when all is kept.
[[nodiscard]] std::optional<std::string> left_out(const Outcome& outcome,
                                                  std::initializer_list<const char*> parts);

// How many more kills the kernel counted than the log shows; negative when fewer. 0 without a second witness.
// The kernel goes on after its counters were read: a kill that the log shows later (or less than a second
// before, as the line with the counters takes its time) may be counted or not.
[[nodiscard]] std::int64_t kills_not_in_log(const Outcome& outcome);

// "the log's OOM kills were not compared with the kernel's counter: ..."; nothing when they were.
[[nodiscard]] std::optional<std::string> no_witness(const Outcome& outcome);

}  // namespace hangar::verdict
