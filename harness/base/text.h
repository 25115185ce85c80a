// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

// Small text tools: units, suggestions, and making hostile text safe to show.
namespace hangar {

[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

// The candidate nearest to `word` if it is near enough to be a typing slip, else "".
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
// " (did you mean `x`?)" or "".
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

// Guest output made safe for a terminal: control bytes (ESC, CR, C1 and the like) become visible as \xNN,
// invalid UTF-8 likewise; tabs stay.
[[nodiscard]] std::string sanitize_for_terminal(std::string_view text);
// `text` cut to `width` columns, the cut marked by an ellipsis.
[[nodiscard]] std::string ellipsize(std::string_view text, size_t width);

// "10s", "250ms", "2m", "1h"; a bare number is refused, since a unit is the point.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view text);
// "256MiB", "1GiB", "4096KiB"; returns bytes.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);
// 72.4 s -> "72.4 s", 754 s -> "12 min 34 s".
[[nodiscard]] std::string format_seconds(double seconds);

}  // namespace hangar
