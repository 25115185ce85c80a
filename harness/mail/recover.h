// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/mail/diff.h"

// Finds diffs in any text: plain, quoted at any depth with comments in between, wrapped, trimmed. A hunk
// whose lines do not add up to what its header says is kept and marked as damaged; lines are never made up.
namespace hangar::mail {

// `lost`, when given, gets a line for each hunk whose file nothing names: it cannot be used.
[[nodiscard]] std::vector<FileDiff> recover_diffs(std::string_view text,
                                                  std::vector<std::string>* lost = nullptr);

// What is wrong with a path of a patch, or "": absolute, "..", .git, control bytes.
[[nodiscard]] std::string path_complaint(std::string_view path);

}  // namespace hangar::mail
