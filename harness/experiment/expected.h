// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/result.h"
#include "harness/experiment/experiment.h"
#include "harness/kernel/version.h"
#include "harness/scenario/judged.h"

// What is expected of a cell and of a stored run: which kernel's groups of the scenario hold for it.
namespace hangar::experiment {

// Fills `expected`, `judged_as` and `defaulted` of a cell whose scenario and kernel are there. `word` is the
// kernel as it was asked for; `version` may be empty.
[[nodiscard]] Result<void> choose_expectations(const Request& request, const std::string& word,
                                               const kernel::Version& version, Cell& cell);

// What `scenario` expects of a run: as it was judged then, if the scenario still names that kernel.
[[nodiscard]] verdict::ExpectationGroup expected_of(const Bundle& bundle, const scenario::Scenario& scenario);

// "judged as v6.1", "judged as v6.1-swap, where this scenario hangs"; "" for a cell that is judged as itself.
[[nodiscard]] std::string judged_text(const std::string& judged_as, bool hangs_there);

}  // namespace hangar::experiment
