// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/cli/terminal.h"
#include "harness/shrink/journal.h"
#include "harness/shrink/search.h"

// What a search for the necessary steps prints. All of it is safe to print.
namespace hangar::cli {

// One line for a run: what it showed, and of which steps.
[[nodiscard]] std::string run_line(const shrink::Setup& setup, const shrink::Search& search,
                                   const shrink::Event& event);
// The steps that are kept, the rates behind the answer, and the number of runs.
[[nodiscard]] std::string shrink_table(const shrink::Setup& setup, const shrink::Search& search,
                                       const Terminal& terminal);
// The answer as a sentence.
[[nodiscard]] std::string shrink_answer(const shrink::Setup& setup, const shrink::Search& search);
// hangar.shrink/1, without a newline at the end.
[[nodiscard]] std::string shrink_json(const shrink::Setup& setup, const shrink::Search& search);
// 0: found; 1: not.
[[nodiscard]] int shrink_status(const shrink::Search& search);

}  // namespace hangar::cli
