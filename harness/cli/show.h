// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/cli/terminal.h"
#include "harness/run/report.h"

// Runs and cells as text.
namespace hangar::cli {

[[nodiscard]] Color color_of(verdict::Verdict verdict);

// "pass mmap-lock-livelock on v6.1: 14 s (ID)"; for anything but a pass also why, the expectations that were
// not met, the lines that prove it, and the folder with the run's files.
[[nodiscard]] std::string describe_run(const Terminal& terminal, const std::string& name,
                                       const run::RunReport& run);

// The final table, a row for each cell: kernel, verdict, longest hang, OOM kills, victims, why. Columns for
// the scenario, the hang rate and crashes are added where they are needed.
[[nodiscard]] std::string result_table(const Terminal& terminal, const run::Report& report, size_t width);
// "files: FOLDER" of a report with one run that passed: describe_run() has the folder of any other run. Of
// many runs `hangar list runs --json` prints the folders.
[[nodiscard]] std::string files_of_single_pass(const run::Report& report);

}  // namespace hangar::cli
