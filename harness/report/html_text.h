// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/verdict/verdict.h"

// Small pieces of HTML. Arguments named `text` are escaped; those named `html` are not.
namespace hangar::report {

// A section with a heading of the second level; `id` is its anchor.
[[nodiscard]] std::string section(std::string_view id, std::string_view text, const std::string& html);
[[nodiscard]] std::string paragraph(std::string_view text);

// "<td>TEXT</td>".
[[nodiscard]] std::string td(std::string_view text);
// A table that scrolls by itself where it is wider than the page; `text` is its caption. `rows` have the
// cells of one row each.
[[nodiscard]] std::string table(std::string_view text, const std::vector<std::string>& titles,
                                const std::vector<std::string>& rows);
// The same in a folded part, for the figures of a chart.
[[nodiscard]] std::string folded(std::string_view text, const std::string& html);

// The verdict as a word with a sign, so that colour is not the only difference.
[[nodiscard]] std::string verdict_html(verdict::Verdict verdict);

}  // namespace hangar::report
