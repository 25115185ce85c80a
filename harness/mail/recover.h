// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/patch/diff.h"

// Finds diffs in any text: plain, quoted at any depth with comments in between, wrapped, trimmed. A hunk
// whose lines do not add up to the counts of its header is kept and marked as damaged; lines are never made
// up.
namespace hangar::mail {

// A diff, and how deep it is quoted.
struct FoundChange : patch::FileChange {
  size_t depth = 0;
};

// `lost`, when given, gets a line for each hunk whose file nothing names: it cannot be used.
[[nodiscard]] std::vector<FoundChange> recover_diffs(std::string_view text,
                                                     std::vector<std::string>* lost = nullptr);

}  // namespace hangar::mail
