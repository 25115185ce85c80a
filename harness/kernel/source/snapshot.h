// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/source/source.h"

// A developer's working tree as a source: what git would call tracked or untracked-but-not-ignored is copied
// into the cache as it is now, committed or not. The working tree is only read. Contents are hashed once and
// then again only where size or time changed; a new state shares unchanged files with the last one by hard
// links.
namespace hangar::kernel {

// The snapshot of the tree's present state if there is one already.
[[nodiscard]] Result<std::optional<Tree>> known_snapshot(const fs::path& cache, const fs::path& tree);
// The caller holds the lock of <cache>/sources.
[[nodiscard]] Result<Tree> take_snapshot(const fs::path& cache, const fs::path& tree, const Note& on_note);

}  // namespace hangar::kernel
