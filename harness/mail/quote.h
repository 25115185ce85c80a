// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

// Quoting in replies: ">", "> >", ">>", "> > >".
namespace hangar::mail {

// The place of a quoted text in its mail: under `depth` marks, with or without a blank behind the last one.
struct Quoting {
  size_t depth = 0;
  bool spaced = false;
};

struct Unquoted {
  Quoting quoting;
  std::string_view text;
};

// Takes all marks off.
[[nodiscard]] Unquoted unquote(std::string_view line);
// Takes the marks of `quoting` off and no more, so that a `>` of the text itself stays. Nothing when the line
// is under fewer marks.
[[nodiscard]] std::optional<std::string_view> unquote(std::string_view line, const Quoting& quoting);

}  // namespace hangar::mail
