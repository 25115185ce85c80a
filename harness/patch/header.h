// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/patch/diff.h"

// What single header lines of a diff mean, shared by the strict and the tolerant reader.
namespace hangar::patch {

// "@@ -12,3 +12,4 @@ function" as a hunk that has no lines yet.
[[nodiscard]] std::optional<Hunk> hunk_header(std::string_view line);
// "a/X" and "b/X" of "diff --git a/X b/X". Nothing when the two differ in length: a rename repeats its names.
[[nodiscard]] std::optional<std::pair<std::string_view, std::string_view>> git_names(std::string_view line);
// "a/x" of "--- a/x\t2022-11-13", and of "+++ ".
[[nodiscard]] std::string_view file_name(std::string_view line);

// "index 6249c347809a..e7524f21cefe 100644" and the like, between `diff --git` and `---`.
[[nodiscard]] bool extended_header(std::string_view line);
// Adds an extended header to `change`, whose paths follow it.
void add_extended(std::string_view line, FileChange& change);
// A new mode or a rename is a change without hunks; an index line alone is not.
[[nodiscard]] bool changes_without_hunks(const FileChange& change);

// What no reader supports, by its extended header.
enum class Unsupported { none, link, copy, binary };
[[nodiscard]] Unsupported unsupported(std::string_view extended);

}  // namespace hangar::patch
