// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/cli/terminal.h"
#include "harness/experiment/experiment.h"

// Runs and cells as a person reads them.
namespace hangar::cli {

[[nodiscard]] Color color_of(verdict::Verdict verdict);

// "PASS mmap-lock-livelock on v6.1: 14.2 s", and for anything but a pass what was expected, what came, and
// the lines.
[[nodiscard]] std::string describe_run(const Terminal& terminal, const std::string& name,
                                       const experiment::RunReport& run);

// The final table: kernel, verdict, longest hang, OOM kills, victims, why.
[[nodiscard]] std::string result_table(const Terminal& terminal, const experiment::Report& report);

}  // namespace hangar::cli
