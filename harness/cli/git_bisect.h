// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/result.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/experiment/git_bisect.h"

// `hangar run --git-bisect`: every exit status is one that `git bisect run` understands.
namespace hangar::cli {

// `run`: with --git-bisect a wrong word or file stops the bisection, where exit status 2 would mean "bad".
[[nodiscard]] Result<int> run_or_bisect_command(const Args& args);

// Prints what was found and returns the exit status.
[[nodiscard]] int show_bisect_step(Terminal& terminal, const experiment::BisectAnswer& answer,
                                   const Common& common);

}  // namespace hangar::cli
