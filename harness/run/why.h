// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/run/report.h"

// The one line that explains a verdict, for the table, JSON and git bisect (verdict/why.h).
namespace hangar::run {

[[nodiscard]] std::string why_of(const RunReport& run);
// That of the first run or judgement with the cell's worst verdict.
[[nodiscard]] std::string why_of(const CellReport& cell);

}  // namespace hangar::run
