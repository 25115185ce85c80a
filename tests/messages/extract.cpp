// SPDX-License-Identifier: GPL-2.0-only
#include "tests/messages/extract.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "harness/base/text.h"

namespace hangar::messages {
namespace {

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

// Behind the literal that begins at `at`.
std::size_t behind_literal(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size() && text[at] != quote && text[at] != '\n'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

// Behind a comment, a literal or a directive that begins at `at`, none of which holds code; else `at`.
std::size_t behind_no_code(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  if (rest.starts_with("//")) return line_end(text, at);
  if (rest.starts_with("/*")) {
    const auto end = text.find("*/", at + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  if (rest.starts_with('"') || rest.starts_with('\'')) return behind_literal(text, at);
  const bool directive = rest.starts_with('#') && (at == 0 || text[at - 1] == '\n');
  // The body of a macro is code.
  return directive && !rest.starts_with("#define") ? line_end(text, at) : at;
}

// The arguments of the call whose parenthesis opens at `open`.
std::vector<std::string_view> arguments_of(std::string_view text, std::size_t open) {
  std::vector<std::string_view> out;
  int depth = 0;
  std::size_t begin = open + 1;
  for (std::size_t at = open; at < text.size();) {
    if (const auto behind = behind_no_code(text, at); behind > at) {
      at = behind;
      continue;
    }
    const char c = text[at];
    if (c == '(' || c == '{' || c == '[') ++depth;
    if (c == ')' || c == '}' || c == ']') --depth;
    if ((c == ',' && depth == 1) || depth == 0) {
      out.push_back(text.substr(begin, at - begin));
      begin = at + 1;
    }
    if (depth == 0) return out;
    ++at;
  }
  return {};
}

// The literals of an argument, joined; each by itself where `? :` chooses one.
std::vector<std::string> literals_of(std::string_view argument) {
  std::vector<std::string> out;
  bool choice = false;
  for (std::size_t at = 0; at < argument.size();) {
    const auto behind = behind_no_code(argument, at);
    if (argument[at] == '"') {
      const auto text = unescaped(argument.substr(at + 1, behind - at - 2));
      if (choice || out.empty()) {
        out.push_back(text);
      } else {
        out.back() += text;
      }
    }
    choice = choice || argument[at] == '?';
    at = std::max(behind, at + 1);
  }
  return out;
}

// Which argument is the format; -1: the function prints nothing.
int format_argument(std::string_view name) {
  constexpr std::array<std::string_view, 5> first = {"printk", "printk_deferred", "printk_once",
                                                     "printk_ratelimited", "panic"};
  if (std::find(first.begin(), first.end(), name) != first.end() || name.starts_with("pr_")) return 0;
  if (name == "seq_buf_printf" || name == "nmi_panic") return 1;
  return name == "warn_alloc" ? 2 : -1;
}

// What the function prints in front of its format.
std::string prefix_of(std::string_view name, std::string_view pr_fmt) {
  if (name == "panic" || name == "nmi_panic") return "Kernel panic - not syncing: ";
  return name.starts_with("pr_") && !name.starts_with("pr_cont") ? std::string(pr_fmt) : std::string();
}

}  // namespace

std::vector<Format> formats_in(std::string_view source, std::string_view pr_fmt) {
  std::vector<Format> out;
  for (std::size_t at = 0; at < source.size();) {
    if (const auto behind = behind_no_code(source, at); behind > at) {
      at = behind;
      continue;
    }
    std::size_t end = at;
    while (end < source.size() && is_word(source[end])) ++end;
    const auto name = source.substr(at, end - at);
    at = std::max(end, at + 1);
    const int wanted = name.empty() ? -1 : format_argument(name);
    if (wanted < 0 || end >= source.size() || source[end] != '(') continue;
    const auto arguments = arguments_of(source, end);
    if (arguments.size() <= static_cast<std::size_t>(wanted)) continue;
    for (const auto& text : literals_of(arguments[static_cast<std::size_t>(wanted)]))
      out.push_back(prefix_of(name, pr_fmt) + text);
  }
  return out;
}

std::string pr_fmt_of(std::string_view source, std::string_view module) {
  const auto at = source.find("#define pr_fmt(fmt) ");
  if (at == std::string_view::npos) return {};
  const auto line = source.substr(at, line_end(source, at) - at);
  const auto texts = literals_of(line);
  const bool named = line.find("KBUILD_MODNAME") != std::string_view::npos;
  return (named ? std::string(module) : std::string()) + (texts.empty() ? std::string() : texts.front());
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
    } else if (const char c = text[++at]; is_octal(c)) {
      int value = 0;
      for (const auto stop = at + 3; at < stop && at < text.size() && is_octal(text[at]); ++at)
        value = value * 8 + (text[at] - '0');
      --at;
      out += static_cast<char>(value);
    } else {
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
    }
  }
  return out;
}

}  // namespace hangar::messages
