// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// Unified diffs: reading them, and applying them strictly. A hunk may have moved (an offset), but every line
// of it must match; there is no fuzz. A hunk that was made at the beginning or the end of a file applies only
// there, as with patch(1) and git. A hunk that fails says what stands where it should have gone.
namespace hangar::patch {

struct Hunk {
  size_t old_start = 0;  // 1-based; 0 when there are no old lines
  size_t old_count = 0;
  size_t new_count = 0;
  // Lines with their newline (the last line of a file may have none).
  std::vector<std::string> old_lines;
  std::vector<std::string> new_lines;
  // Lines of context before the first and after the last change.
  size_t leading = 0;
  size_t trailing = 0;
};

struct FilePatch {
  std::string old_path;  // "" when the file is new; never absolute, never with ".."
  std::string new_path;  // "" when the file goes
  bool executable = false;
  std::vector<Hunk> hunks;
};

// `name` stands for the patch in messages. Damage (a hunk that ends early, a binary patch) and paths that
// would leave the tree are user errors that name the line.
[[nodiscard]] Result<std::vector<FilePatch>> parse_patch(std::string_view text, const std::string& name);

struct HunkResult {
  bool applied = false;
  long offset = 0;          // in lines, of an applied one
  std::string reason = {};  // of a failed one
};
struct PatchedText {
  std::string text;  // meaningful when all hunks applied
  std::vector<HunkResult> hunks;
};
[[nodiscard]] PatchedText apply_hunks(std::string_view text, const std::vector<Hunk>& hunks);

struct Applied {
  std::vector<std::string> touched;  // paths below the tree, old and new ones
  size_t moved_hunks = 0;            // applied with an offset
};
// Files are replaced, never written in place: the tree may share them with others by hard links. After an
// error the tree is half patched and has to be thrown away. Nothing is written through a symbolic link.
[[nodiscard]] Result<Applied> apply_patch(const fs::path& tree, const std::vector<FilePatch>& files,
                                          const std::string& name);

}  // namespace hangar::patch
