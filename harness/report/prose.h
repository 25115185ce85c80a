// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

#include "harness/report/cells.h"

// Sentences and paragraphs of the reports in plain text.
namespace hangar::report {

// `text` in lines of at most 72 columns, the first one behind `begin`, the others indented by as much.
[[nodiscard]] std::string paragraph(std::string_view text, std::string_view begin = "");

// "hung in 18 of 23 runs (95% interval 0.56 to 0.93)", and what the interval is of. "no run counts".
[[nodiscard]] std::string hung_text(const Cell& cell);

}  // namespace hangar::report
