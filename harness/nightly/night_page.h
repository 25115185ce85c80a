// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/nightly/report.h"

// What users read of a night. Subjects of commits, names and reasons are from outside: control characters
// become visible, and none begins a new line.
namespace hangar::nightly {

// One message: new findings first, then what is open, fixed, suspected and not tested. 72 columns, but for
// commands and words that are longer.
[[nodiscard]] std::string night_text(const Report& report);

// hangar.nightly/1
[[nodiscard]] std::string night_json(const Report& report);

// The text that `notify` gets, about the new findings of a night: at least one.
[[nodiscard]] std::string text_about(const NightlyFile& file, int night,
                                     const std::vector<Finding*>& findings);

// "n12: findings: 1 new, 2 open, 3 not tested"
[[nodiscard]] std::string summary_of(const Report& report);

}  // namespace hangar::nightly
