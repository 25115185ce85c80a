// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash/rust_name.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr int max_depth = 32;          // nested paths and back references
constexpr int max_parts = 500;         // a back reference may repeat what has back references
constexpr std::size_t max_name = 512;  // bytes

// Reads the grammar of RFC 2603 from left to right. What it cannot read makes the whole name fail.
class Demangler {
 public:
  explicit Demangler(std::string_view text) : text_(text) {}

  std::string run() {
    path();
    return failed_ ? std::string() : out_;
  }

 private:
  char next() {
    if (at_ < text_.size()) return text_[at_++];
    failed_ = true;
    return '\0';
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void put(std::string_view words) {
    out_ += words;
    failed_ = failed_ || out_.size() > max_name;
  }

  // Digits to base 62 and `_`: nothing is 0, `0` is 1. A crate's hash may wrap; its value is not used.
  std::uint64_t number();
  void disambiguator() {
    if (take('s')) number();
  }
  std::string_view identifier();
  void nested();
  void generic_arguments();
  void back_reference(void (Demangler::*read)());
  void quietly(void (Demangler::*read)());
  void path();
  void type();
  void reference(std::string_view words);
  void tuple();

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  int depth_ = 0;
  int parts_ = 0;
  bool failed_ = false;
};

std::uint64_t Demangler::number() {
  if (take('_')) return 0;
  std::uint64_t value = 0;
  for (char c = next(); c != '_' && !failed_; c = next()) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    failed_ = !(is_digit(c) || upper || lower);
    value = value * 62 + static_cast<std::uint64_t>(is_digit(c) ? c - '0'
                                                    : lower     ? c - 'a' + 10
                                                                : c - 'A' + 36);
  }
  return value + 1;
}

std::string_view Demangler::identifier() {
  failed_ = failed_ || take('u');  // Punycode
  std::size_t size = 0;
  while (at_ < text_.size() && is_digit(text_[at_]) && size < text_.size())
    size = size * 10 + static_cast<std::size_t>(text_[at_++] - '0');
  take('_');
  failed_ = failed_ || size > text_.size() - at_;
  if (failed_) return {};
  at_ += size;
  return text_.substr(at_ - size, size);
}

// `Nv`: a name inside a path. Names of an upper-case kind are a compiler's: closures, shims.
void Demangler::nested() {
  const char kind = next();
  path();
  disambiguator();
  const auto name = identifier();
  const bool special = kind >= 'A' && kind <= 'Z';
  if (!special && name.empty()) return;
  put(special ? "::{" : "::");
  put(special && name.empty() ? (kind == 'C' ? "closure" : "shim") : name);
  if (special) put("}");
}

void Demangler::generic_arguments() {
  path();
  put("::<");
  for (bool first = true; !failed_ && !take('E'); first = false) {
    if (!first) put(", ");
    if (take('L')) {
      number();
      put("'_");
    } else {
      type();
    }
  }
  put(">");
}

// A reference leads back only, so that it ends.
void Demangler::back_reference(void (Demangler::*read)()) {
  const auto begin = at_ - 1;
  const auto target = number();
  if (failed_ || target >= begin) {
    failed_ = true;
    return;
  }
  const auto here = std::exchange(at_, static_cast<std::size_t>(target));
  (this->*read)();
  at_ = here;
}

void Demangler::quietly(void (Demangler::*read)()) {
  const auto length = out_.size();
  (this->*read)();
  out_.resize(std::min(length, out_.size()));
}

void Demangler::path() {
  if (++depth_ > max_depth || ++parts_ > max_parts) failed_ = true;
  if (failed_) return;
  switch (next()) {
    case 'C':
      disambiguator();
      put(identifier());
      break;
    case 'N':
      nested();
      break;
    case 'M':
    case 'X': {
      const bool of_trait = text_[at_ - 1] == 'X';
      disambiguator();
      quietly(&Demangler::path);
      put("<");
      type();
      if (of_trait) {
        put(" as ");
        path();
      }
      put(">");
      break;
    }
    case 'Y':
      put("<");
      type();
      put(" as ");
      path();
      put(">");
      break;
    case 'I':
      generic_arguments();
      break;
    case 'B':
      back_reference(&Demangler::path);
      break;
    default:
      failed_ = true;
  }
  --depth_;
}

void Demangler::reference(std::string_view words) {
  put(words);
  if (take('L')) number();
  type();
}

void Demangler::tuple() {
  put("(");
  for (bool first = true; !failed_ && !take('E'); first = false) {
    if (!first) put(", ");
    type();
  }
  put(")");
}

constexpr std::array<std::string_view, 26> basic_types = {
    "i8",   "bool", "char", "f64", "str", "f32", "",    "u8", "isize", "usize", "",    "i32", "u32",
    "i128", "u128", "_",    "",    "",    "i16", "u16", "()", "...",   "",      "i64", "u64", "!"};

void Demangler::type() {
  if (++depth_ > max_depth || ++parts_ > max_parts) failed_ = true;
  if (failed_) return;
  const char c = next();
  if (c >= 'a' && c <= 'z') {
    const auto name = basic_types[static_cast<std::size_t>(c - 'a')];
    put(name);
    failed_ = failed_ || name.empty();
  } else if (c == 'R' || c == 'Q') {
    reference(c == 'R' ? "&" : "&mut ");
  } else if (c == 'P' || c == 'O') {
    reference(c == 'P' ? "*const " : "*mut ");
  } else if (c == 'S') {
    put("[");
    type();
    put("]");
  } else if (c == 'T') {
    tuple();
  } else if (c == 'B') {
    back_reference(&Demangler::type);
  } else {
    --at_;
    path();
  }
  --depth_;
}

}  // namespace

std::string rust_name(std::string_view symbol) {
  if (symbol.starts_with("__cfi_")) symbol.remove_prefix(6);
  if (!symbol.starts_with("_R") || symbol.size() > max_name) return {};
  return Demangler(symbol.substr(2)).run();
}

}  // namespace hangar::log
