// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/report/record.h"
#include "harness/report/tracks.h"

namespace hangar::report {

// hangar.show/1 (schema/show-1.json), without a newline at the end. `run` has a record.
[[nodiscard]] std::string to_json(const Run& run, const Tracks& tracks);

}  // namespace hangar::report
