// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/run/report.h"
#include "harness/verdict/expectation.h"

namespace hangar::outcome {

// Prepares what judging needs once in a process (the matcher of log lines): for a thread that has time while
// a guest runs.
void warm_up();

// Derives the outcome of a run directory, judges it and writes both down. `by` states where `expected` comes
// from (judging.h); empty: from the scenario as it was run.
[[nodiscard]] Result<run::RunReport> judge_directory(const fs::path& directory,
                                                     const verdict::ExpectationGroup& expected,
                                                     const std::string& by = "");

}  // namespace hangar::outcome
