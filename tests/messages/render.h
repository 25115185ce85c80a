// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

// What printk() makes of a format string, with made-up values.
namespace hangar::messages {

struct Rendered {
  std::string text;
  std::vector<std::string> values;  // of each conversion, without the blanks of its width
};

/// Conversion n (the first is 1) prints values[n], or by default a number that only n has, or a name. The
/// kernel's own conversions (%pGg, %*pbl, %pS ...) print something of their form.
[[nodiscard]] Rendered render(std::string_view format, const std::map<int, std::string>& values);

}  // namespace hangar::messages
