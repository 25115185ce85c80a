// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/patch/diff.h"
#include "harness/patch/place.h"

// Tries patches on a source tree, one after the other, each on what the ones before left. The tree is only
// read.
namespace hangar::patch {

struct FileTrial {
  std::string path;
  std::vector<Placement> hunks;  // one for each hunk
  // One for each hunk: of a failed one the source where it should have gone, else empty.
  std::vector<std::vector<std::string>> around;
  std::string complaint;  // of the whole file: it is missing, it is there already; or ""
};

struct Trial {
  std::vector<FileTrial> files;
};

struct Tally {
  size_t exact = 0;
  size_t offset = 0;
  size_t fuzz = 0;
  size_t merged = 0;
  size_t failed = 0;
  size_t bad_files = 0;
};
[[nodiscard]] Tally tally(const std::vector<Trial>& trials);

// One Trial for each patch. Files of which hunks fail are merged three-way (git merge-file) where what the
// patch was made for is known: from the blob that its index line names, if `tree` is a repository that has
// it, or from `base`, a tree of the version that all patches were made for. Files behind symbolic links are
// refused: a user error.
[[nodiscard]] Result<std::vector<Trial>> try_onto(const fs::path& tree,
                                                  const std::vector<std::span<const FileChange>>& patches,
                                                  const std::optional<fs::path>& base = std::nullopt);

}  // namespace hangar::patch
