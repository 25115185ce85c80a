// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/run/bundle.h"
#include "harness/scenario/scenario.h"
#include "harness/verdict/expectation.h"

// What is expected of a stored run: which kernel's groups of the scenario hold for it.
namespace hangar::outcome {

// A program that is not the scenario's need not count what the scenario's counts.
void leave_out_progress(verdict::ExpectationGroup& expected);

// What `scenario` expects of a run: as it was judged then, if the scenario still names that kernel.
[[nodiscard]] verdict::ExpectationGroup expected_of(const run::RunSpec& spec,
                                                    const scenario::Scenario& scenario);

// "judged as v6.1", "judged as v6.1+swap, where this scenario hangs"; "" for a cell that is judged as itself.
[[nodiscard]] std::string judged_text(const std::string& judged_as, bool hangs_there);

}  // namespace hangar::outcome
