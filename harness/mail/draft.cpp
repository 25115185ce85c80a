// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/draft.h"

#include <optional>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/mail/diff_lines.h"
#include "harness/mail/quote.h"

namespace hangar::mail {
namespace {

// "---------- Reproducer start ----------" as "reproducer start": nothing for a line without a rule around
// it.
std::optional<std::string> marker(std::string_view line) {
  constexpr std::string_view rule = "-=*#<>+_/ \t";
  const size_t begin = line.find_first_not_of(rule);
  if (begin == std::string_view::npos || begin < 2) return std::nullopt;
  line = line.substr(begin, line.find_last_not_of(rule) - begin + 1);
  if (line.size() > 60) return std::nullopt;
  return lower(line);
}

bool has(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

enum class Edge { none, start, end };

Edge edge(std::string_view line) {
  const auto words = marker(line);
  if (!words || !has(*words, {"reproducer", "program", "test case", "testcase", "source"})) return Edge::none;
  if (has(*words, {"start", "begin"})) return Edge::start;
  return has(*words, {" end", "end "}) ? Edge::end : Edge::none;
}

// "[  101.438951] " or "<4>[  101.438951] "
bool stamped(std::string_view line) {
  if (line.size() > 3 && line[0] == '<' && line[2] == '>') line.remove_prefix(3);
  if (line.size() < 6 || line[0] != '[') return false;
  const size_t close = line.find(']');
  if (close > 24) return false;  // or none
  const std::string_view stamp = trim(line.substr(1, close - 1));
  const size_t dot = stamp.find('.');
  return dot != std::string_view::npos && dot > 0 && stamp.size() == dot + 7 &&
         stamp.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

FoundPrograms find_programs(std::string_view body) {
  FoundPrograms found;
  const Lines lines = lines_of(body);
  constexpr size_t none = static_cast<size_t>(-1);
  size_t start = none;
  Quoting quoting;
  std::string text;
  for (size_t at = 0; at < lines.size(); ++at) {
    const Unquoted line = unquote(lines[at]);
    const Edge kind = edge(line.text);
    if (kind == Edge::start) {
      if (start != none) {
        found.notes.push_back(
            fmt::format("line {}: this start of a program has no end: left out", start + 1));
      }
      start = at;
      quoting = line.quoting;
      text.clear();
    } else if (kind == Edge::end && start != none) {
      if (looks_like_c(text)) {
        found.texts.push_back(text);
      } else {
        found.notes.push_back(
            fmt::format("line {}: this is not a C program with a main(): left out", start + 1));
      }
      start = none;
    } else if (start != none) {
      if (const auto own = unquote(lines[at], quoting)) text.append(*own) += '\n';
    }
  }
  if (start != none)
    found.notes.push_back(fmt::format("line {}: this start of a program has no end: left out", start + 1));
  return found;
}

bool looks_like_c(std::string_view text) {
  const size_t main_at = text.find("main");
  return main_at != std::string_view::npos && text.find('(', main_at) != std::string_view::npos &&
         text.find('{', main_at) != std::string_view::npos &&
         text.find('}', main_at) != std::string_view::npos;
}

std::string find_log(std::string_view body) {
  std::string text;
  std::string between;  // snips between two stamped lines
  size_t count = 0;
  for (const std::string_view raw : lines_of(body).all) {
    const std::string_view line = unquote(raw).text;
    if (stamped(line)) {
      text += between;
      between.clear();
      text.append(line) += '\n';
      ++count;
    } else if (count > 0 && (trim_marker(line) || line.find("snipped") != std::string_view::npos)) {
      between.append(line) += '\n';
    }
  }
  return count < 3 ? std::string() : text;
}

}  // namespace hangar::mail
