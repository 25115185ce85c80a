// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/escape.h"
#include "harness/base/result.h"

// Small text tools: units, suggestions, cutting to a width. Escaping is in escape.h.
namespace hangar {

// ASCII, whatever the locale is.
[[nodiscard]] inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] inline bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
// A character of a name in C.
[[nodiscard]] inline bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

// The candidate nearest to `word` if it is near enough to be a typing slip, else "".
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
// " (did you mean `x`?)" or "".
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

// `text` cut to `width` columns, the cut marked by an ellipsis.
[[nodiscard]] std::string ellipsize(std::string_view text, size_t width);

// "10s", "250ms", "2m", "1h", "90d"; a bare number is refused, since a unit is the point.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view text);
// "256MiB", "1GiB", "4096KiB"; returns bytes.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);
// 734003200 -> "700 MiB", 2.5 GiB -> "2.5 GiB".
[[nodiscard]] std::string format_size(std::uint64_t bytes);
// 72.4 s -> "72.4 s", 754 s -> "12 min 34 s".
[[nodiscard]] std::string format_seconds(double seconds);

}  // namespace hangar
