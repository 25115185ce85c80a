// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/cli/terminal.h"
#include "harness/compare/comparison.h"

namespace hangar::cli {

// Rates, answered questions and the sentence, on standard output.
void print_comparison(const compare::Comparison& comparison, const Terminal& terminal);

}  // namespace hangar::cli
