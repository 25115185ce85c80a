// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/message.h"

#include <charconv>
#include <vector>

#include "harness/base/text.h"
#include "harness/mail/diff_lines.h"
#include "harness/mail/quote.h"

namespace hangar::mail {
namespace {

constexpr std::string_view signed_off = "Signed-off-by: ";

bool ends_with(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

// The name in "On Mon, 1 Jan 2024, N.N. wrote:".
std::string attributed(std::string_view line) {
  line = trim(line);
  if (!ends_with(line, " wrote:")) return {};
  line.remove_suffix(std::string_view(" wrote:").size());
  const size_t comma = line.rfind(", ");
  if (comma == std::string_view::npos && line.starts_with("On ")) return {};
  return std::string(trim(comma == std::string_view::npos ? line : line.substr(comma + 2)));
}

std::string signer(const std::vector<std::string_view>& lines, const std::string& name) {
  std::string first;
  for (const std::string_view line : lines) {
    if (!line.starts_with(signed_off)) continue;
    std::string who(trim(line.substr(signed_off.size())));
    if (!name.empty() && who.starts_with(name)) return who;
    if (first.empty()) first = who;
  }
  return name.empty() ? first : std::string();
}

// The number in front of `word`, or 0.
size_t number_before(std::string_view line, std::string_view word) {
  const size_t at = line.find(word);
  if (at == std::string_view::npos || at == 0) return 0;
  const size_t begin = line.find_last_not_of("0123456789", at - 1) + 1;
  size_t number = 0;
  return std::from_chars(line.data() + begin, line.data() + at, number).ec == std::errc() ? number : 0;
}

Diffstat diffstat_of(std::string_view line) {
  if (!line.starts_with(" ") || line.find(" changed") == std::string_view::npos) return {};
  return {number_before(line, " file"), number_before(line, " insertion"), number_before(line, " deletion")};
}

std::string tidy(const std::vector<std::string_view>& lines) {
  std::string out;
  size_t empty = 0;
  for (const std::string_view line : lines) {
    if (blank(line)) {
      ++empty;
      continue;
    }
    if (!out.empty() && empty > 0) out += '\n';
    empty = 0;
    out.append(line) += '\n';
  }
  return out;
}

}  // namespace

Words words_before(std::string_view body, size_t at_line, size_t depth) {
  Words words;
  const Lines lines = lines_of(body);
  std::vector<std::string_view> own;
  std::string name;
  bool over = false;  // the rule above the diffstat has come
  for (size_t at = 0; at + 1 < at_line && at < lines.size(); ++at) {
    const Unquoted line = unquote(lines[at]);
    // A reply's "N.N. wrote:" is one mark less deep than what N.N. wrote.
    if (line.quoting.depth + 1 == depth && ends_with(trim(line.text), "wrote:")) {
      name = attributed(line.text);
      own.clear();
      over = false;
    }
    if (line.quoting.depth != depth) continue;
    if (const Diffstat stat = diffstat_of(line.text); stat.files > 0) words.diffstat = stat;
    if (over) continue;
    if (line.text == "---") {
      over = true;
    } else if (depth == 0 && own.empty() && line.text.starts_with("From: ")) {
      name = trim(line.text.substr(6));
    } else if (!own.empty() || !blank(line.text)) {
      own.push_back(line.text);
    }
  }
  words.message = tidy(own);
  words.author = signer(own, name);
  if (words.author.empty()) words.author = name;
  return words;
}

std::string title_of(std::string_view subject) {
  for (;;) {
    subject = trim(subject);
    const size_t colon = subject.find(':');
    const std::string_view first = subject.substr(0, colon == std::string_view::npos ? 0 : colon);
    if (first == "Re" || first == "RE" || first == "re" || first == "Fwd" || first == "FW" || first == "Fw") {
      subject.remove_prefix(colon + 1);
      continue;
    }
    const size_t close = subject.find(']');
    if (subject.empty() || subject[0] != '[' || close == std::string_view::npos) return std::string(subject);
    subject.remove_prefix(close + 1);
  }
}

std::pair<int, int> number_of(std::string_view subject) {
  const std::string_view tag = subject.substr(0, subject.find(']'));
  const size_t slash = tag.rfind('/');
  if (tag.size() == subject.size() || slash == std::string_view::npos || slash == 0) return {0, 0};
  const size_t begin = tag.find_last_not_of("0123456789", slash - 1) + 1;
  int number = 0;
  int total = 0;
  const auto a = std::from_chars(tag.data() + begin, tag.data() + slash, number);
  const auto b = std::from_chars(tag.data() + slash + 1, tag.data() + tag.size(), total);
  if (a.ec != std::errc() || b.ec != std::errc()) return {0, 0};
  return {number, total};
}

}  // namespace hangar::mail
