// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/scenario/scenario.h"

namespace hangar::scenario {

// The text of a scenario's file with the given steps in place of its sequence. `steps` are those of the run,
// in order, and equal ones in a row become one with `times`. All else stays as it is, comments outside of
// `sequence` and `order` included. An Error if the file has them in a form that cannot be replaced.
[[nodiscard]] Result<std::string> with_sequence(const std::string& text, const std::vector<Step>& steps);

}  // namespace hangar::scenario
