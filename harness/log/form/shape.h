// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

// The shape of a piece of a line: `n` for a number, a date or a time, `w` for a word, one blank for blanks,
// punctuation as it is. `2023-12-04T10:49:30.122Z In(05) vcpu-5 - ` has the shape `n w(n) w w `.
namespace hangar::log {

[[nodiscard]] std::string shape_of(std::string_view text);
/// How much of `text` has this shape at its start; 0 if it begins with another one.
[[nodiscard]] std::size_t match_shape(std::string_view text, std::string_view shape);

}  // namespace hangar::log
