// SPDX-License-Identifier: GPL-2.0-only
#include "harness/subtest/line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "harness/base/text.h"

namespace hangar::subtest {
namespace {

std::string cut(std::string_view text) {
  return std::string(trim(text).substr(0, longest_name));
}

// Removes `word` from the beginning, if it is there.
bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

bool same_word(std::string_view a, std::string_view upper) {
  return std::equal(a.begin(), a.end(), upper.begin(), upper.end(),
                    [](char x, char y) { return (x >= 'a' && x <= 'z' ? x - 'a' + 'A' : x) == y; });
}

// Where the directive of a result begins: a # that is not escaped, with a word of TAP, KTAP or kselftest.
std::size_t directive_at(std::string_view text) {
  static constexpr std::array words = {std::string_view("SKIP"),  std::string_view("TODO"),
                                       std::string_view("XFAIL"), std::string_view("XPASS"),
                                       std::string_view("ERROR"), std::string_view("TIMEOUT"),
                                       std::string_view("EXIT")};
  for (std::size_t at = text.find('#'); at != text.npos; at = text.find('#', at + 1)) {
    if (at > 0 && text[at - 1] == '\\') continue;
    const std::string_view rest = trim(text.substr(at + 1));
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_word) - rest.begin();
    for (const std::string_view word : words) {
      if (same_word(rest.substr(0, static_cast<std::size_t>(end)), word)) return at;
    }
  }
  return text.npos;
}

// "# SKIP no swap" or "# TIMEOUT 45 seconds".
void apply_directive(std::string_view directive, Subtest& test) {
  directive = trim(directive.substr(1));
  const auto end = static_cast<std::size_t>(std::find_if_not(directive.begin(), directive.end(), is_word) -
                                            directive.begin());
  const std::string_view word = directive.substr(0, end);
  const bool is_reason = same_word(word, "TIMEOUT") || same_word(word, "ERROR") || same_word(word, "EXIT");
  test.reason = cut(is_reason ? directive : directive.substr(end));
  if (same_word(word, "SKIP")) test.result = Result::skip;
  if (same_word(word, "TODO") || same_word(word, "XFAIL")) test.result = Result::ok;
}

// ksft_test_result_skip() of the kernel's kselftest.h prints "ok 12 # SKIP " and its text, which most tests
// give their name. One word is a name, more are a reason.
void take_name_from_reason(Subtest& test) {
  if (test.result != Result::skip || !test.name.empty() || test.reason.find(' ') != std::string::npos) return;
  std::swap(test.name, test.reason);
}

// After `ok` or `not ok`: " 12 - name # SKIP why".
void read_result(std::string_view rest, Line& line) {
  rest = trim(rest);
  const auto digits =
      static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin());
  line.numbered = digits > 0;
  line.number = cut(rest.substr(0, digits));
  rest = trim(rest.substr(digits));
  if (take(rest, "-")) rest = trim(rest);
  const std::size_t directive = directive_at(rest);
  line.kind = Line::Kind::result;
  line.test.name = cut(rest.substr(0, directive));
  if (directive != rest.npos) apply_directive(rest.substr(directive), line.test);
  take_name_from_reason(line.test);
}

std::optional<Result> bracket_word(std::string_view word) {
  word = trim(word);
  if (word == "PASS" || word == "OK" || word == "PASSED") return Result::ok;
  if (word == "FAIL" || word == "FAILED") return Result::not_ok;
  if (word == "SKIP" || word == "SKIPPED") return Result::skip;
  return std::nullopt;
}

std::string_view without_dots(std::string_view text) {
  text = trim(text);
  while (!text.empty() && (text.back() == '.' || text.back() == ':' || text.back() == ' '))
    text.remove_suffix(1);
  return text;
}

// "[PASS] name", "name... [PASS]", "[RUN] name".
void read_bracket(std::string_view text, Line& line) {
  const bool first = text.starts_with('[');
  const std::size_t open = first ? 0 : text.rfind('[');
  const std::size_t close = text.find(']', open == text.npos ? 0 : open);
  if (open == text.npos || close == text.npos || (!first && !trim(text.substr(close + 1)).empty())) return;
  const std::string_view word = text.substr(open + 1, close - open - 1);
  if (first && trim(word) == "RUN") {
    line.kind = Line::Kind::title;
    line.test.name = cut(text.substr(close + 1));
    return;
  }
  const auto result = bracket_word(word);
  if (!result) return;
  line.kind = Line::Kind::bracket;
  line.test.result = *result;
  line.test.name = cut(first ? text.substr(close + 1) : without_dots(text.substr(0, open)));
}

bool read_plan(std::string_view text, Line& line) {
  if (!take(text, "1..")) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), line.planned);
  const std::string_view rest = trim(text.substr(static_cast<std::size_t>(end - text.data())));
  if (error != std::errc() || line.planned < 0 || (!rest.empty() && rest.front() != '#')) return false;
  line.kind = Line::Kind::plan;
  return true;
}

std::string_view take_prefix(std::string_view text, Line& line) {
  const std::size_t size = text.size();
  while (take(text, "# ") || take(text, " ") || take(text, "\t")) {
  }
  line.depth = std::min(size - text.size(), deepest);
  return text;
}

}  // namespace

Line read_line(std::string_view text) {
  Line line;
  while (text.ends_with('\r')) text.remove_suffix(1);
  text = take_prefix(text, line);
  std::string_view rest = text;
  line.test.result = take(rest, "not ") ? Result::not_ok : Result::ok;
  if (take(rest, "ok") && (rest.empty() || rest.front() == ' ')) {
    read_result(rest, line);
  } else if (text.starts_with("TAP version ") || text.starts_with("KTAP version ")) {
    line.kind = Line::Kind::version;
  } else if (text.starts_with("Bail out!")) {
    line.kind = Line::Kind::bail_out;
    line.test = {"Bail out!", Result::not_ok, cut(text.substr(std::string_view("Bail out!").size()))};
  } else if (text.starts_with("running ")) {
    line.kind = Line::Kind::title;
    line.test.name = cut(text.substr(std::string_view("running ").size()));
  } else if (!read_plan(text, line)) {
    read_bracket(text, line);
  }
  return line;
}

}  // namespace hangar::subtest
