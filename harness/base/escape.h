// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

// One escaping function for each medium that text is written to. What a guest prints is hostile in all of
// them: it names its processes with escape sequences, table bars and tags. JSON's is json_text() in json.h.
namespace hangar {

/// For a terminal: control bytes (ESC, CR, C1 and the like) and invalid UTF-8 become visible as \xNN; tabs
/// stay.
[[nodiscard]] std::string sanitize_for_terminal(std::string_view text);
/// As sanitize_for_terminal(), for a text of several lines: newlines stay too.
[[nodiscard]] std::string sanitize_lines(std::string_view text);
/// For a cell of a table in Markdown: on one line, without markup, links or tags.
[[nodiscard]] std::string escape_markdown(std::string_view text);
/// "| a | b |" and a newline, from cells that are not escaped yet.
[[nodiscard]] std::string markdown_row(const std::vector<std::string>& cells);
/// For text and for quoted attributes in HTML. No caller yet: it is for the HTML report.
[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace hangar
