// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

#include "harness/base/fs.h"
#include "harness/patch/diff.h"

// Which files a patch may touch in a source tree.
namespace hangar::patch {

// What is wrong with a path of a patch, or "": absolute, "..", .git, control bytes.
[[nodiscard]] std::string path_complaint(std::string_view path);
// The file is a symbolic link, or is reached through one.
[[nodiscard]] bool behind_link(const fs::path& tree, std::string_view path);
// Why a tree with or without the old and the new path cannot be changed so, or "".
[[nodiscard]] std::string file_complaint(const FileChange& change, bool has_old, bool has_new);

}  // namespace hangar::patch
