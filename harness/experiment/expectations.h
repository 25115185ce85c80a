// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/result.h"
#include "harness/base/version.h"
#include "harness/experiment/plan.h"
#include "harness/run/request.h"

// What is expected of a cell: which kernel's groups of the scenario hold for it.
namespace hangar::experiment {

// Fills `expected`, `judged_as` and `defaulted` of a cell whose scenario and kernel are there. `word` is the
// kernel as it was asked for; `version` may be empty.
[[nodiscard]] Result<void> choose_expectations(const run::Request& request, const std::string& word,
                                               const Version& version, Cell& cell);

}  // namespace hangar::experiment
