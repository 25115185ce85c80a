// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>

#include "harness/live/live_run.h"

namespace hangar::cli {

// What the live line shows of a running guest, in at most `width` bytes (40 and more). The least important
// words are left out first: the guest's uptime, the note, the cell's name, the time, the phase. The state of
// the pulse, of the probe, and the number of kills always stay.
[[nodiscard]] std::string status_line(const std::string& cell, const run::Status& status, std::size_t width);

}  // namespace hangar::cli
