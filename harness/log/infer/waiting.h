// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/facts.h"
#include "harness/log/infer/facts.h"

// What a blocked task waits for, and why memory stalls: the rules that the log's own hangs and the hangs of a
// run share.
namespace hangar::log {

// The function that the task waits in: the innermost one that is not the scheduler's, a lock's or a wait
// queue's, by the same rules as titles are made. Empty when the stack has none.
[[nodiscard]] std::string waits_in(const TaskStack& stack);

// Only the frames with a `?` show where the task is: it was running when it was dumped, so that none was
// unwound, or it was being switched, so that only the scheduler's were.
[[nodiscard]] bool is_guess(const TaskStack& stack);

// The stack goes through the page allocator, reclaim, the memory controller's limits or the OOM killer.
[[nodiscard]] bool waits_for_memory(const TaskStack& stack);

// A victim that the OOM killer chose by itself; not one that SysRq f asked for.
struct StallKill {
  double time_s = 0;
  bool gone = false;  // the victim was gone while the stall went on
};

// Why memory stalled between two times, by who was killed:
// - `no-kill`: no victim was killed.
// - `victim-stuck`: a victim was killed at the beginning, and the stall went on without it being gone. A
//   kill is at the beginning when most of the stall comes after it.
// - `late-kill`: the kill came late, and cannot be the cause: most of the stall comes before it, or the stall
//   ended within seconds.
// - nothing: victims were killed early and went, and the stall went on all the same.
[[nodiscard]] std::optional<StallCause> stall_cause(double start_s, double end_s,
                                                    const std::vector<StallKill>& kills);

}  // namespace hangar::log
