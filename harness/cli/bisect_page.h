// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/bisect/journal.h"
#include "harness/bisect/state.h"
#include "harness/cli/terminal.h"

// What a bisection prints.
namespace hangar::cli {

// "about 70 runs, 9 builds, 2 h": what is left to do.
[[nodiscard]] std::string estimate_text(const bisect::State& state, const bisect::Costs& costs);
// One line for an event: what was seen, and what is likely now.
[[nodiscard]] std::string event_line(const bisect::Setup& setup, const bisect::State& state,
                                     const bisect::Event& event);
// The posterior over the revisions, with the runs of each.
[[nodiscard]] std::string bisect_table(const bisect::Setup& setup, const bisect::State& state,
                                       const Terminal& terminal);
// The answer as a sentence or two; of a culprit with the lines for a mail. Safe to print.
[[nodiscard]] std::string answer_text(const bisect::Setup& setup, const bisect::State& state);
// hangar.bisect/1, without a newline at the end.
[[nodiscard]] std::string bisect_json(const bisect::Setup& setup, const bisect::State& state);
// 0: there is an answer; 1: a range, or none.
[[nodiscard]] int bisect_status(const bisect::State& state);

}  // namespace hangar::cli
