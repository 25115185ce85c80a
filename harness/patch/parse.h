// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/patch/diff.h"

// The strict reader: a patch that a build may rely on.
namespace hangar::patch {

// Text around the diffs is skipped. `name` is the patch's name in messages. Damage (a hunk that ends early, a
// binary patch) and paths that would leave the tree are user errors that name the line.
[[nodiscard]] Result<std::vector<FileChange>> parse(std::string_view text, const std::string& name);

}  // namespace hangar::patch
