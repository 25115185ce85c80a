// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/report/contents.h"

namespace hangar::report {

// One row a run below a header line, quoted as RFC 4180 has it; lines end with a newline alone. A text that a
// spreadsheet would take for a formula begins with an apostrophe. longest_s is a lower bound where censored
// is "true". A value that is not known is empty.
[[nodiscard]] std::string to_csv(const Contents& contents);

}  // namespace hangar::report
