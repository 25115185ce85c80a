// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

// The text around a diff: who wrote it, and the commit message.
namespace hangar::mail {

// "7 files changed, 98 insertions(+), 54 deletions(-)"; no files: there is none.
struct Diffstat {
  size_t files = 0;
  size_t added = 0;
  size_t removed = 0;
};

struct Words {
  std::string message;
  std::string author;  // by a Signed-off-by, by "From:" at the top, or by "N.N. wrote:" above a quoted patch
  Diffstat diffstat;
};
// `at_line` (from 1) is where the diff begins, `depth` how deep it is quoted.
[[nodiscard]] Words words_before(std::string_view body, size_t at_line, size_t depth);

// "Re: [RFC v3 2/4] mm: x" is "mm: x".
[[nodiscard]] std::string title_of(std::string_view subject);
// {2, 4} in "[RFC v3 2/4]", {0, 0} when it has no number.
[[nodiscard]] std::pair<int, int> number_of(std::string_view subject);

}  // namespace hangar::mail
