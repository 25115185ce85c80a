// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/patch/diff.h"

// Applies a patch to a source tree, strictly (place.h).
namespace hangar::patch {

// Returns the paths below the tree that were touched, old and new ones, sorted. Files are replaced, never
// written in place: the tree may share them with others by hard links. After an error the tree is half
// patched and must be discarded. Nothing is written through a symbolic link. `name` is the patch's name in
// messages.
[[nodiscard]] Result<std::vector<std::string>> apply(const fs::path& tree,
                                                     const std::vector<FileChange>& files,
                                                     const std::string& name);

}  // namespace hangar::patch
