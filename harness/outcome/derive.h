// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/verdict/outcome.h"

namespace hangar::outcome {

// The outcome of a run: a pure function of its directory, so that a run can be judged again years later
// without booting anything. Joins what the guest's signals say (pulse, probe, progress, agent) with what its
// log shows.
[[nodiscard]] Result<verdict::Outcome> derive_outcome(const fs::path& run_directory);

}  // namespace hangar::outcome
