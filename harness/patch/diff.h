// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <vector>

// The model of a unified diff. Plain data; line numbers are 1-based. parse.h reads it strictly; mail recovers
// it from damaged texts and notes the damage in it.
//
// Why neither libgit2 1.5 nor git 2.39 serves instead of this module:
// - git_diff_from_buffer() refuses a diff without a `diff --git` line ("invalid hunk header outside patch")
//   and index lines with ids of a single digit. git_apply() needs a repository, finds no hunk that has moved
//   by even one line, and reports only the first failure, without the file: "hunk at line 4 did not apply".
// - `git apply` finds moved hunks, but stops in each file at the first hunk that fails, prints the hunk
//   instead of the line that differs, knows no fuzz as patch(1) has it, and reads past quoting or damage not
//   at all.
namespace hangar::patch {

struct Hunk {
  // As its header has them.
  size_t old_start = 0;
  size_t old_count = 1;
  size_t new_start = 0;
  size_t new_count = 1;
  std::string section;             // what follows the second @@
  std::vector<std::string> lines;  // with their mark, without newline; "\ No newline..." too
  size_t at_line = 0;              // of its header, in the text that it was read from
  // From a tolerant reader only.
  std::vector<std::string> damage;  // why it cannot be used; empty: it is whole
  std::vector<std::string> notes;   // what was repaired, or skipped between its lines

  [[nodiscard]] bool whole() const { return damage.empty(); }
};

// What a diff does to one file.
struct FileChange {
  std::string old_path;               // without a/; "" when the file is new
  std::string new_path;               // without b/; "" when the file is deleted
  std::vector<std::string> extended;  // git's lines between `diff --git` and `---`
  std::vector<Hunk> hunks;
  size_t at_line = 0;               // of its header, in the text that it was read from
  std::vector<std::string> damage;  // of its header; from a tolerant reader only

  [[nodiscard]] const std::string& path() const { return new_path.empty() ? old_path : new_path; }
  [[nodiscard]] const std::string& before() const { return old_path.empty() ? new_path : old_path; }
  [[nodiscard]] bool whole() const {
    for (const Hunk& hunk : hunks) {
      if (!hunk.whole()) return false;
    }
    return damage.empty();
  }
};

// The old side (context and removed lines) or the new side (context and added lines) of a hunk. Each line has
// its newline, except a last line that is marked as having none.
[[nodiscard]] std::vector<std::string> old_side(const Hunk& hunk);
[[nodiscard]] std::vector<std::string> new_side(const Hunk& hunk);
// The diff as text that patch(1) and git read, with the headers of the hunks as they are in the model.
[[nodiscard]] std::string to_text(const FileChange& change);

}  // namespace hangar::patch
