// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/spec/series.h"

// Several series on one source, one over the other.
namespace hangar::kernel {

// Applies `patches` in order to the tree in `source`, a copy of `pristine`; returns the paths that were
// touched, sorted. When a hunk does not find its place only because of what a series before has done, the
// error (the user's) names both series, file and hunk.
[[nodiscard]] Result<std::vector<std::string>> apply_stack(const fs::path& source, const fs::path& pristine,
                                                           const std::vector<PatchFile>& patches);

// Whether all hunks of `patches`, in order, find their place in the tree, which is only read.
[[nodiscard]] bool fits(const fs::path& tree, const std::vector<PatchFile>& patches);

}  // namespace hangar::kernel
