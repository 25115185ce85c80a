// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "harness/log/infer/facts.h"
#include "harness/outcome/timeline.h"
#include "harness/verdict/outcome.h"

// Whether a hang moves slowly or not at all, from what the guest printed at two moments of it: the stacks of
// its blocked tasks (SysRq w or t, asked twice) and the sequence numbers of stalled allocations (MemAlloc).
namespace hangar::outcome {

// A finding `moving-slowly` or `not-moving`; nothing when the log has not two moments to compare.
[[nodiscard]] std::optional<verdict::Finding> movement_in(const verdict::Hang& hang,
                                                          const log::LogFacts& facts,
                                                          const Timeline& timeline);

}  // namespace hangar::outcome
