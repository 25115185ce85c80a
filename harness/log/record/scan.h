// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/limits.h"
#include "harness/base/text.h"

// A cursor over one line: each step either takes what it names and returns true, or leaves the cursor alone.
// It never reads outside its view and never throws, since the view is a guest's.
namespace hangar::log {

[[nodiscard]] inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

class Scan {
 public:
  explicit Scan(std::string_view text) : rest_(text) {}

  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  // The same for a literal in the source: its length is known, so the compiler compares without a call.
  template <std::size_t N>
  bool take(const char (&literal)[N]) {
    constexpr std::size_t size = N - 1;
    if (rest_.size() < size || std::memcmp(rest_.data(), literal, size) != 0) return false;
    rest_.remove_prefix(size);
    return true;
  }
  void blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  // Moves behind the next `literal`.
  bool skip_past(std::string_view literal) {
    const auto at = rest_.find(literal);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + literal.size());
    return true;
  }
  // The text up to `literal`, which is taken too.
  bool until(std::string_view literal, std::string_view& out) {
    const auto at = rest_.find(literal);
    if (at == std::string_view::npos) return false;
    out = rest_.substr(0, at);
    rest_.remove_prefix(at + literal.size());
    return true;
  }
  template <typename T>
  bool number(T& out, int base = 10) {
    const char* first = rest_.data();
    const auto [end, error] = std::from_chars(first, first + rest_.size(), out, base);
    if (error != std::errc()) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - first));
    return true;
  }
  // A decimal number of any length; `out` stays empty when it is outside the range.
  bool number(std::optional<std::int64_t>& out, const Range& range) {
    std::int64_t value = 0;
    const char* first = rest_.data();
    const auto [end, error] = std::from_chars(first, first + rest_.size(), value);
    if (error == std::errc::invalid_argument) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - first));
    out.reset();
    if (error == std::errc() && range.has(value)) out = value;
    return true;
  }
  // The same, where the text means something else with a number outside the range.
  bool number(std::int64_t& out, const Range& range) {
    const auto saved = rest_;
    std::optional<std::int64_t> value;
    if (number(value, range) && value) {
      out = *value;
      return true;
    }
    rest_ = saved;
    return false;
  }
  // Hexadecimal digits, at most `most`.
  bool hex(std::uint64_t& out, std::uint64_t most) {
    const auto saved = rest_;
    if (number(out, 16) && out <= most) return true;
    rest_ = saved;
    return false;
  }
  // Blanks, then a number.
  template <typename T>
  bool field(T& out, const Range& range) {
    const auto saved = rest_;
    blanks();
    if (number(out, range)) return true;
    rest_ = saved;
    return false;
  }
  // Decimal, or hexadecimal behind 0x.
  bool any_number(std::uint64_t& out) {
    const auto saved = rest_;
    if (take("0x")) {
      if (number(out, 16)) return true;
      rest_ = saved;
      return false;
    }
    return number(out);
  }
  // Letters, digits and underscores.
  std::string_view name() {
    std::size_t n = 0;
    while (n < rest_.size() && is_word(rest_[n])) ++n;
    return cut(n);
  }
  // Everything up to the next blank.
  std::string_view word() {
    std::size_t n = 0;
    while (n < rest_.size() && rest_[n] != ' ' && rest_[n] != '\t') ++n;
    return cut(n);
  }
  std::string_view cut(std::size_t n) {
    if (n > rest_.size()) n = rest_.size();
    const auto out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }

 private:
  std::string_view rest_;
};

// The number behind `key`, anywhere in the text, if it is in the range: value_of("anon-rss:96kB",
// "anon-rss:", limits::kb) is 96.
template <typename T = std::int64_t>
[[nodiscard]] std::optional<T> value_of(std::string_view text, std::string_view key, const Range& range) {
  Scan scan(text);
  std::int64_t value = 0;
  if (!scan.skip_past(key) || !scan.field(value, range)) return std::nullopt;
  return static_cast<T>(value);
}

[[nodiscard]] inline std::string_view trim_right(std::string_view text) {
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\0')) {
    text.remove_suffix(1);
  }
  return text;
}
[[nodiscard]] inline std::string_view trim_left(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

}  // namespace hangar::log
