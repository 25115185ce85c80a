// SPDX-License-Identifier: GPL-2.0-only
#include "harness/subtest/ltp.h"

#include <algorithm>
#include <charconv>
#include <string>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::subtest {
namespace {

struct KindOfResult {
  std::string_view word;   // of a line
  std::string_view total;  // of the summary
  Result result;
};

// A warning makes the exit status of a test one of failure.
constexpr std::array<KindOfResult, LtpReader::kinds> known = {{{"TPASS", "passed", Result::ok},
                                                               {"TFAIL", "failed", Result::not_ok},
                                                               {"TBROK", "broken", Result::not_ok},
                                                               {"TCONF", "skipped", Result::skip},
                                                               {"TWARN", "warnings", Result::not_ok}}};

constexpr std::string_view colour = "\x1b[";

// Without sequences such as ESC [ 1 ; 3 2 m.
std::string without_colours(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, colour.size()) != colour) {
      plain += text[i];
      continue;
    }
    const std::size_t end = text.find_first_not_of("0123456789;", i + colour.size());
    if (end == std::string_view::npos) break;
    i = end;
  }
  return plain;
}

// `oom01.c:42: ` is "oom01", `name 1 ` is "name"; else nothing.
std::string_view name_of_test(std::string_view before) {
  before = trim(before);
  const bool script = !before.ends_with(':');
  if (!script) before.remove_suffix(1);
  const std::size_t at = script ? before.find(' ') : before.rfind(':');
  if (at == std::string_view::npos) return {};
  const std::string_view number = trim(before.substr(at + 1));
  const std::string_view name = before.substr(0, at);
  const bool good = !number.empty() && std::all_of(number.begin(), number.end(), is_digit) && !name.empty() &&
                    name.find(' ') == std::string_view::npos;
  if (!good) return {};
  return name.ends_with(".c") ? name.substr(0, name.size() - 2) : name;
}

// The word of a kind with ": " behind it; npos: there is none.
std::size_t find_word(std::string_view line, std::string_view word) {
  const std::size_t at = line.find(word);
  if (at == std::string_view::npos || at == 0 || line[at - 1] != ' ') return std::string_view::npos;
  return trim(line.substr(at + word.size())).starts_with(':') ? at : std::string_view::npos;
}

// "oom01/the text", as others are named by what is around them.
std::optional<Subtest> read_result(std::string_view line, const KindOfResult& kind) {
  const std::size_t at = find_word(line, kind.word);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view name = name_of_test(line.substr(0, at));
  if (name.empty()) return std::nullopt;
  const std::string_view text = trim(trim(line.substr(at + kind.word.size())).substr(1));
  Subtest test{fmt::format("{}/{}", name, text).substr(0, longest_name), kind.result, ""};
  if (kind.result != Result::ok) test.reason = kind.word;
  return test;
}

}  // namespace

std::vector<Subtest> LtpReader::take(std::string_view text) {
  const bool coloured = text.find(colour) != std::string_view::npos;
  const std::string plain = coloured ? without_colours(text) : "";
  const std::string_view line = trim(coloured ? std::string_view(plain) : text);
  if (line == "Summary:") {
    in_summary_ = std::any_of(seen_.begin(), seen_.end(), [](int count) { return count > 0; });
    return {};
  }
  if (in_summary_) return take_total(line);
  for (std::size_t i = 0; i < kinds; ++i) {
    auto test = read_result(line, known[i]);
    if (!test) continue;
    ++seen_[i];
    return {std::move(*test)};
  }
  return {};
}

// "failed   2". Another line ends the summary.
std::vector<Subtest> LtpReader::take_total(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  const auto kind =
      std::find_if(known.begin(), known.end(), [&](const KindOfResult& one) { return one.total == word; });
  const std::string_view digits = trim(text.substr(word.size()));
  int total = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), total);
  const bool is_total =
      kind != known.end() && error == std::errc() && end == digits.data() + digits.size() && total >= 0;
  if (!is_total) {
    in_summary_ = false;
    seen_ = {};
    return take(text);
  }
  const auto missing = std::clamp(total - seen_[static_cast<std::size_t>(kind - known.begin())], 0,
                                  static_cast<int>(most_subtests));
  const Subtest test{fmt::format("summary/{}", word), kind->result, "counted, but there is no line"};
  return std::vector<Subtest>(static_cast<std::size_t>(missing), test);
}

}  // namespace hangar::subtest
