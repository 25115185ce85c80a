// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "harness/base/result.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/compare/comparison.h"

namespace hangar::cli {

// On standard output: rates, answered questions and the sentence, or the object of --json. Returns the exit
// status: 1 if a margin was asked about and is not shown.
[[nodiscard]] int show_comparison(const compare::Comparison& comparison, const Common& common,
                                  const Terminal& terminal);

// A difference of rates above which a kernel is worse: between 0 and 1.
[[nodiscard]] Result<void> check_margin(const std::optional<double>& margin);

}  // namespace hangar::cli
