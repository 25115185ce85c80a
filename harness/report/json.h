// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/report/contents.h"

namespace hangar::report {

// hangar.report/1 (schema/report-1.json), with a newline at the end. Hangs and kills have the shape of
// hangar.row/1, so that seconds count from the reproducer's start.
[[nodiscard]] std::string to_json(const Contents& contents);

}  // namespace hangar::report
