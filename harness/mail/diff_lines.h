// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <optional>
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

[[nodiscard]] bool starts_with(std::string_view text, std::string_view prefix);
[[nodiscard]] bool blank(std::string_view line);

// "@@ -12,3 +12,4 @@ function"
struct HunkHeader {
  size_t old_start = 0;
  size_t old_count = 1;
  size_t new_start = 0;
  size_t new_count = 1;
  std::string_view section;
};
[[nodiscard]] std::optional<HunkHeader> hunk_header(std::string_view line);

// "index 6249c347809a..e7524f21cefe 100644" and the like, between `diff --git` and `---`.
[[nodiscard]] bool extended_header(std::string_view line);
// "[...]", "<snip>", "(...)": somebody took lines out here.
[[nodiscard]] bool trim_marker(std::string_view line);
// "-- ", what git and mail programs put above a signature.
[[nodiscard]] bool signature_rule(std::string_view line);
// Behind the last line of a hunk: does it look as if the hunk went on?
[[nodiscard]] bool goes_on(std::string_view line);

// "--- a/x" and "+++ b/x": the paths, without a/ and b/; "" for /dev/null.
[[nodiscard]] std::pair<std::string, std::string> header_paths(std::string_view before,
                                                               std::string_view after);

// The line is at the place of a file's "--- ", its "+++ " and (perhaps) first "@@ " come next.
[[nodiscard]] bool file_header_at(const Lines& lines, size_t at, const Quoting& quoting);

}  // namespace hangar::mail
