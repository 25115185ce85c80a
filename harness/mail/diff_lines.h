// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/mail/quote.h"

// What single lines around a diff are. All take the line without its quoting.
namespace hangar::mail {

// The lines of a text, without newline and carriage return.
struct Lines {
  std::vector<std::string_view> all;
  bool ends_whole = true;  // the last line has its newline

  [[nodiscard]] size_t size() const { return all.size(); }
  [[nodiscard]] std::string_view operator[](size_t at) const { return all[at]; }
};
[[nodiscard]] Lines lines_of(std::string_view text);

[[nodiscard]] bool blank(std::string_view line);
[[nodiscard]] std::string lower(std::string_view text);

// "[...]", "<snip>", "(...)": lines were taken out here.
[[nodiscard]] bool trim_marker(std::string_view line);
// "-- ", what git and mail programs put above a signature.
[[nodiscard]] bool signature_rule(std::string_view line);
// Behind the last line of a hunk: does it look as if the hunk went on?
[[nodiscard]] bool goes_on(std::string_view line);

// The paths of "a/x" and "b/x", without a/ and b/; "" for /dev/null.
[[nodiscard]] std::pair<std::string, std::string> header_paths(std::string_view before,
                                                               std::string_view after);

// The line is at the place of a file's "--- ", its "+++ " and (perhaps) first "@@ " come next.
[[nodiscard]] bool file_header_at(const Lines& lines, size_t at, const Quoting& quoting);

}  // namespace hangar::mail
