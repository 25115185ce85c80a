// SPDX-License-Identifier: GPL-2.0-only
#include "tests/messages/render.h"

#include <algorithm>

#include <fmt/core.h>

namespace hangar::messages {
namespace {

bool is_in(char c, std::string_view set) {
  return c != '\0' && set.find(c) != std::string_view::npos;
}

struct Conversion {
  bool left = false;    // `-`
  bool zeros = false;   // `0`
  bool prefix = false;  // `#`
  std::size_t width = 0;
  char type = '\0';
  std::string_view extension;  // of %p: "Gg", "bl"
};

std::size_t take_number(std::string_view& rest) {
  std::size_t value = 0;
  for (; !rest.empty() && is_in(rest.front(), "0123456789"); rest.remove_prefix(1))
    value = value * 10 + static_cast<std::size_t>(rest.front() - '0');
  return value;
}

// How many letters behind %p belong to it.
std::size_t extension_size(std::string_view rest) {
  if (rest.starts_with("Gg") || rest.starts_with("bl")) return 2;
  return !rest.empty() && is_in(rest.front(), "sSBVxeb") ? 1 : 0;
}

// Behind the percent sign.
Conversion take_conversion(std::string_view& rest) {
  Conversion out;
  for (; !rest.empty() && is_in(rest.front(), "-+ #0"); rest.remove_prefix(1)) {
    out.left = out.left || rest.front() == '-';
    out.zeros = out.zeros || rest.front() == '0';
    out.prefix = out.prefix || rest.front() == '#';
  }
  out.width = take_number(rest);
  while (!rest.empty() && is_in(rest.front(), "*.hlzLjtq")) rest.remove_prefix(1);
  if (rest.empty()) return out;
  out.type = rest.front();
  rest.remove_prefix(1);
  if (out.type == 'p') {
    out.extension = rest.substr(0, extension_size(rest));
    rest.remove_prefix(out.extension.size());
  }
  return out;
}

std::string pointer(std::string_view extension, int number) {
  if (extension == "Gg") return "GFP_KERNEL";
  if (extension == "bl") return "0";
  if (extension == "b") return "1";
  if (extension == "e") return "-ENOMEM";
  if (extension == "s") return fmt::format("function_{}", number);
  if (extension == "S" || extension == "B") return fmt::format("function_{}+0x12/0x340", number);
  return fmt::format("00000000c0ffee{:02}", number);
}

std::string default_value(const Conversion& one, int number) {
  constexpr int step = 11;
  const int value = step * number;
  switch (one.type) {
    case 's':
      return fmt::format("word{}", number);
    case 'c':
      return ".";
    case 'p':
      return pointer(one.extension, number);
    case 'x':
      return fmt::format("{}{:x}", one.prefix ? "0x" : "", value);
    default:
      return fmt::format("{}", value);
  }
}

std::string padded(const Conversion& one, const std::string& value) {
  const std::string blanks(one.width - std::min(one.width, value.size()), one.zeros && !one.left ? '0' : ' ');
  return one.left ? value + blanks : blanks + value;
}

}  // namespace

Rendered render(std::string_view format, const std::map<int, std::string>& values) {
  Rendered out;
  int number = 0;
  while (!format.empty()) {
    const char c = format.front();
    format.remove_prefix(1);
    if (c != '%') {
      out.text += c;
      continue;
    }
    const Conversion one = take_conversion(format);
    if (one.type == '%') {
      out.text += '%';
      continue;
    }
    ++number;
    const auto given = values.find(number);
    out.values.push_back(given == values.end() ? default_value(one, number) : given->second);
    out.text += padded(one, out.values.back());
  }
  return out;
}

}  // namespace hangar::messages
