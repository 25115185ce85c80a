// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/nightly/progress.h"

namespace hangar::nightly {

// Runs the series of tonight in the order of their urgency, then more of those whose rate may have changed,
// and opens a suspicion where it seems to have.
[[nodiscard]] Result<void> screen(Progress& progress);

}  // namespace hangar::nightly
