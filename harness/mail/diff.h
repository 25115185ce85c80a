// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <vector>

// A diff as it was found in a text that people sent around: what is whole, and what is damaged and how.
// Plain data; line numbers are 1-based lines of the text it was found in.
namespace hangar::mail {

struct Hunk {
  // As the header says.
  size_t old_start = 0;
  size_t old_count = 1;
  size_t new_start = 0;
  size_t new_count = 1;
  std::string section;             // what stands behind the second @@
  std::vector<std::string> lines;  // with their mark, without quoting and newline; "\ No newline..." too
  size_t at_line = 0;
  std::vector<std::string> damage;  // what is wrong with it; empty: it came out whole
  std::vector<std::string> notes;   // what was put right, or stood between its lines

  [[nodiscard]] bool whole() const { return damage.empty(); }
};

struct FileDiff {
  std::string old_path;               // without a/; "" when the file is new
  std::string new_path;               // without b/; "" when the file goes
  std::vector<std::string> extended;  // git's lines between `diff --git` and `---`
  std::vector<Hunk> hunks;
  std::vector<std::string> damage;  // of the file's own header
  size_t depth = 0;                 // how deep it stands quoted
  size_t at_line = 0;

  [[nodiscard]] const std::string& path() const { return new_path.empty() ? old_path : new_path; }
  [[nodiscard]] bool whole() const {
    for (const Hunk& hunk : hunks) {
      if (!hunk.whole()) return false;
    }
    return damage.empty();
  }
};

// The old side (context and removed lines) or the new side of a hunk, each with its newline, but for a last
// one that has none.
[[nodiscard]] std::vector<std::string> old_side(const Hunk& hunk);
[[nodiscard]] std::vector<std::string> new_side(const Hunk& hunk);
// The diff as text that patch(1) and git read, with hunk headers as they were found.
[[nodiscard]] std::string to_text(const FileDiff& diff);

}  // namespace hangar::mail
