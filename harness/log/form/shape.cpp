// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/form/shape.h"

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

bool in_word(char c) {
  return is_word(c) || c == '.' || c == '/' || c == '@' || c == '+' || c == ':' || c == '-' || c == '#' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// Digits and what dates and times have between them.
bool is_number(std::string_view word) {
  bool digit = false;
  for (const char c : word) {
    if (is_digit(c)) {
      digit = true;
    } else if (c != '.' && c != ':' && c != '-' && c != '/' && c != '+' && c != 'T' && c != 'Z') {
      return false;
    }
  }
  return digit;
}

// Takes the next token off and returns its kind.
char next_token(std::string_view& text) {
  std::size_t n = 0;
  if (text.front() == ' ' || text.front() == '\t') {
    text = trim_left(text);
    return ' ';
  }
  while (n < text.size() && in_word(text[n])) ++n;
  const char kind = n == 0 ? text.front() : is_number(text.substr(0, n)) ? 'n' : 'w';
  text.remove_prefix(n == 0 ? 1 : n);
  return kind;
}

}  // namespace

std::string shape_of(std::string_view text) {
  std::string shape;
  while (!text.empty()) shape += next_token(text);
  return shape;
}

std::size_t match_shape(std::string_view text, std::string_view shape) {
  std::string_view rest = text;
  for (const char kind : shape) {
    if (rest.empty() || next_token(rest) != kind) return 0;
  }
  return text.size() - rest.size();
}

}  // namespace hangar::log
