// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/patch/diff.h"

// Where the hunks of a diff go in a file that is not quite the one they were made for. Pure.
namespace hangar::patch {

struct Placement {
  enum class Kind { exact, offset, fuzz, merged, failed };
  Kind kind = Kind::failed;
  size_t line = 0;          // 1-based, in the file as it was; of a failed hunk where most of its lines are
  long offset = 0;          // in lines
  int fuzz = 0;             // context lines at each end that were ignored
  std::string reason = {};  // of a failed one

  [[nodiscard]] bool applied() const { return kind != Kind::failed; }
};
[[nodiscard]] const char* word(Placement::Kind kind);

struct Placed {
  std::string text;  // the file with all hunks that found their place
  std::vector<Placement> hunks;

  [[nodiscard]] size_t failed() const;
};

// How far the file may differ from what a hunk shows.
struct Tolerance {
  int max_fuzz = 2;  // outer context lines that may differ, as in patch(1)
  // A hunk that was made at the beginning or the end of a file fits only there. Elsewhere its lines may match
  // by chance, which patch(1) and git refuse as well.
  bool anchored = false;
};
// What a build accepts: a hunk may have moved, but all of its lines must match.
inline constexpr Tolerance strict = {0, true};

// Each hunk goes to the nearest place after the hunk before it where all its old lines match, else where they
// match without some outer context lines. Damaged hunks are not tried.
[[nodiscard]] Placed place_hunks(std::string_view text, const std::vector<Hunk>& hunks,
                                 const Tolerance& tolerance = {});

// The lines around `line` (from 1), numbered, the line itself marked; safe to print.
[[nodiscard]] std::vector<std::string> source_around(std::string_view text, size_t line, size_t before = 4,
                                                     size_t after = 6);

}  // namespace hangar::patch
