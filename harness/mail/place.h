// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/mail/diff.h"

// Where the hunks of a diff go in a file that is not quite the one they were made for. Pure.
namespace hangar::mail {

struct Placement {
  enum class Kind { exact, offset, fuzz, merged, failed };
  Kind kind = Kind::failed;
  size_t line = 0;          // 1-based, in the file as it was; of a failed hunk where it should have gone
  long offset = 0;          // in lines
  int fuzz = 0;             // context lines at each end that were not looked at
  std::string reason = {};  // of a failed one
};
[[nodiscard]] const char* word(Placement::Kind kind);

struct Placed {
  std::string text;  // the file with all hunks that found their place
  std::vector<Placement> hunks;

  [[nodiscard]] size_t failed() const;
};
// Each hunk goes to the nearest place where all its old lines stand (behind the hunk before it), else with up
// to `most_fuzz` outer context lines left out, as patch(1) does it. Damaged hunks are not tried.
[[nodiscard]] Placed place_hunks(std::string_view text, const std::vector<Hunk>& hunks, int most_fuzz = 2);

// The lines around `line` (from 1), numbered, the line itself marked; safe to print.
[[nodiscard]] std::vector<std::string> source_around(std::string_view text, size_t line, size_t before = 4,
                                                     size_t after = 6);

}  // namespace hangar::mail
