// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/report/contents.h"

namespace hangar::report {

// A page for an issue or a merge request: a table of the cells, the comparison, the runs that did not pass
// with the log lines that prove it, and the commands that repeat the runs.
[[nodiscard]] std::string to_markdown(const Contents& contents);

}  // namespace hangar::report
