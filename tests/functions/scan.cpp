// SPDX-License-Identifier: GPL-2.0-only
#include "tests/functions/scan.h"

#include <algorithm>
#include <array>

#include "harness/base/text.h"

namespace hangar::functions {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

// A directive goes on where a line ends with a backslash.
std::size_t directive_end(std::string_view text, std::size_t at) {
  std::size_t end = line_end(text, at);
  while (end < text.size() && text[end - 1] == '\\') end = line_end(text, end + 1);
  return end;
}

std::size_t literal_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size() && text[at] != quote && text[at] != '\n'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at, text.size());
}

std::size_t comment_end(std::string_view text, std::size_t at) {
  if (text[at + 1] == '/') return line_end(text, at);
  const auto end = text.find("*/", at + 2);
  return end == std::string_view::npos ? text.size() : end + 2;
}

// The text without comments, literals and directives. Lines keep their beginnings.
std::string bare_code(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool begins_line = true;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '/' && i + 1 < text.size() && (text[i + 1] == '*' || text[i + 1] == '/')) {
      i = comment_end(text, i);
    } else if (c == '#' && begins_line) {
      i = directive_end(text, i);
    } else if (c == '"' || c == '\'') {
      i = literal_end(text, i) + 1;
    } else {
      begins_line = c == '\n' || (begins_line && is_blank(c));
      out += c;
      ++i;
    }
  }
  return out;
}

// `name(arguments)` in a declaration, outside other parentheses.
struct Call {
  std::string_view name;
  std::string_view arguments;
};

std::string_view word_before(std::string_view text, std::size_t at) {
  while (at > 0 && is_blank(text[at - 1])) --at;
  const std::size_t end = at;
  while (at > 0 && is_word(text[at - 1])) --at;
  return text.substr(at, end - at);
}

std::vector<Call> calls_of(std::string_view declaration) {
  std::vector<Call> calls;
  int depth = 0;
  std::size_t open = 0;
  for (std::size_t i = 0; i < declaration.size(); ++i) {
    if (declaration[i] == '=' && depth == 0) return {};  // an initialiser
    if (declaration[i] == '(' && depth++ == 0) open = i;
    if (declaration[i] != ')' || --depth != 0) continue;
    const auto name = word_before(declaration, open);
    if (!name.empty()) calls.push_back({name, declaration.substr(open + 1, i - open - 1)});
  }
  return calls;
}

// Attributes that take arguments; the function's name stands before or behind them.
bool is_attribute(std::string_view name) {
  constexpr std::array<std::string_view, 22> attributes = {
      "__printf",   "__scanf",          "__attribute__",    "__attribute",     "__aligned", "__acquires",
      "__releases", "__must_hold",      "__section",        "__cond_acquires", "__nonnull", "__alloc_size",
      "__malloc",   "__assume_aligned", "__no_sanitize",    "__diagnose_as",   "__alias",   "__target",
      "__error",    "__deprecated",     "__context_unsafe", "__must_not_hold"};
  return std::find(attributes.begin(), attributes.end(), name) != attributes.end();
}

bool is_macro(std::string_view name) {
  return std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

bool is_keyword(std::string_view name) {
  constexpr std::array<std::string_view, 9> keywords = {"if",     "for",    "while", "switch", "do",
                                                        "sizeof", "typeof", "else",  "return"};
  return std::find(keywords.begin(), keywords.end(), name) != keywords.end();
}

std::string_view first_argument(std::string_view arguments) {
  std::size_t begin = 0;
  while (begin < arguments.size() && !is_word(arguments[begin])) ++begin;
  std::size_t end = begin;
  while (end < arguments.size() && is_word(arguments[end])) ++end;
  return arguments.substr(begin, end - begin);
}

// The name of the function whose body follows, or "".
std::string defined_by(std::string_view declaration) {
  for (const auto& call : calls_of(declaration)) {
    if (is_attribute(call.name)) continue;
    if (is_keyword(call.name)) return {};
    if (!is_macro(call.name)) return std::string(call.name);
    const std::string argument(first_argument(call.arguments));
    const bool system_call = call.name.find("SYSCALL_DEFINE") != std::string_view::npos;
    return system_call ? "sys_" + argument : argument;
  }
  return {};
}

}  // namespace

std::vector<Definition> defined_in_c(std::string_view text) {
  const std::string code = bare_code(text);
  std::vector<Definition> found;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    const bool column_0 = i == 0 || code[i - 1] == '\n';
    // Both branches of an #ifdef may open a block: what begins a line is a function's.
    if (column_0 && (c == '{' || c == '}')) depth = c == '{' ? 0 : 1;
    if (c == '{' && depth++ == 0) {
      const auto declaration = std::string_view(code).substr(begin, i - begin);
      auto name = defined_by(declaration);
      if (!name.empty()) found.push_back({std::move(name), declaration.find("static") != declaration.npos});
    }
    if (c == '}') depth = std::max(0, depth - 1);
    if (depth == 0 && (c == ';' || c == '}')) begin = i + 1;
  }
  return found;
}

std::vector<Definition> defined_in_assembly(std::string_view text) {
  constexpr std::array<std::string_view, 24> macros = {"SYM_FUNC_START",
                                                       "SYM_FUNC_START_LOCAL",
                                                       "SYM_FUNC_START_NOALIGN",
                                                       "SYM_FUNC_START_WEAK",
                                                       "SYM_CODE_START",
                                                       "SYM_CODE_START_LOCAL",
                                                       "SYM_CODE_START_NOALIGN",
                                                       "SYM_TYPED_FUNC_START",
                                                       "SYM_FUNC_ALIAS",
                                                       "SYM_FUNC_ALIAS_WEAK",
                                                       "SYM_FUNC_START_ALIAS",
                                                       "SYM_INNER_LABEL",
                                                       "SYM_INNER_LABEL_ALIGN",
                                                       "SYM_FUNC_START_WEAK_ALIAS",
                                                       "ENTRY",
                                                       "WEAK",
                                                       "NESTED",
                                                       "LEAF",
                                                       "_GLOBAL",
                                                       "_GLOBAL_TOC",
                                                       "FEXPORT",
                                                       "GLOBAL",
                                                       "SYM_FUNC_START_LOCAL_NOALIGN",
                                                       "SYM_ENTRY"};
  std::vector<Definition> found;
  for (std::size_t at = 0; at < text.size(); at = line_end(text, at) + 1) {
    std::string_view line = text.substr(at, line_end(text, at) - at);
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    const auto open = line.find('(');
    if (open == std::string_view::npos) continue;
    const auto macro = line.substr(0, open);
    if (std::find(macros.begin(), macros.end(), macro) == macros.end()) continue;
    if (const auto name = first_argument(line.substr(open + 1)); !name.empty())
      found.push_back({std::string(name)});
  }
  return found;
}

}  // namespace hangar::functions
