// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/nightly/progress.h"

namespace hangar::nightly {

// Fetches and builds what the file follows, and the release. What fails is recorded with its reason: nothing
// of it is tested tonight.
[[nodiscard]] Result<void> prepare_targets(Progress& progress);

}  // namespace hangar::nightly
