// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/letter.h"

#include <cctype>
#include <map>
#include <optional>

#include "harness/base/text.h"
#include "harness/mail/diff_lines.h"
#include "harness/mail/page.h"

namespace hangar::mail {
namespace {

// The field's name in "Subject: words", in lower case.
std::optional<std::string> field_name(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon > 40) return std::nullopt;
  for (const char c : line.substr(0, colon)) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-') return std::nullopt;
  }
  if (colon + 1 < line.size() && line[colon + 1] != ' ' && line[colon + 1] != '\t') return std::nullopt;
  return lower(line.substr(0, colon));
}

struct Header {
  std::map<std::string, std::string> fields;
  size_t end = 0;  // the line behind it

  [[nodiscard]] bool has(const char* name) const { return fields.count(name) != 0; }
  [[nodiscard]] std::string get(const char* name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : decode_header(found->second);
  }
};

// The run of header fields that begins at line `at`.
Header header_at(const Lines& lines, size_t at) {
  Header header;
  std::string last;
  for (; at < lines.size(); ++at) {
    const std::string_view line = lines[at];
    if (!last.empty() && !line.empty() && (line[0] == ' ' || line[0] == '\t') && !blank(line)) {
      header.fields[last] += std::string(" ").append(trim(line));
      continue;
    }
    const auto name = field_name(line);
    if (!name) break;
    last = *name;
    header.fields.emplace(last, std::string(trim(line.substr(line.find(':') + 1))));
  }
  header.end = at;
  return header;
}

// A web archive shows some fields of the header above the body, with its own decoration around.
bool says_whose(const Header& header) {
  return header.has("from") && (header.has("subject") || header.has("date"));
}

size_t offset_of(std::string_view bytes, const Lines& lines, size_t line) {
  return line < lines.size() ? static_cast<size_t>(lines[line].data() - bytes.data()) : bytes.size();
}

Letter page_letter(std::string_view text, const Lines& lines) {
  Letter letter;
  letter.form = "text";
  letter.body = text;
  for (size_t at = 0; at < lines.size(); ++at) {
    if (lines[at].starts_with("diff --git ")) break;  // a bare patch has no header to look for
    const auto name = field_name(lines[at]);
    if (!name) continue;
    const Header header = header_at(lines, at);
    if (!says_whose(header)) {
      at = header.end > at ? header.end - 1 : at;
      continue;
    }
    letter.form = "archive page";
    letter.subject = header.get("subject");
    letter.from = header.get("from");
    letter.date = header.get("date");
    letter.message_id = header.get("message-id");
    letter.body = text.substr(offset_of(text, lines, header.end));
    break;
  }
  return letter;
}

// "From someone date", at the start or behind an empty line, a header field next.
bool mbox_line(const Lines& lines, size_t at) {
  return lines[at].starts_with("From ") && (at == 0 || blank(lines[at - 1])) && at + 1 < lines.size() &&
         (field_name(lines[at + 1]) || lines[at + 1].starts_with(">From "));
}

std::vector<Letter> split_mbox(std::string_view bytes, const Lines& lines) {
  std::vector<size_t> starts;
  for (size_t at = 0; at < lines.size(); ++at) {
    if (mbox_line(lines, at)) starts.push_back(at);
  }
  std::vector<Letter> letters;
  for (size_t i = 0; i < starts.size(); ++i) {
    const size_t begin = offset_of(bytes, lines, starts[i] + 1);
    const size_t end = i + 1 < starts.size() ? offset_of(bytes, lines, starts[i + 1]) : bytes.size();
    letters.push_back(parse_mail(bytes.substr(begin, end - begin)));
    letters.back().form = "mbox";
  }
  return letters;
}

// A page has no transfer encoding, a mail's header names it at its very top.
bool is_mail(const Lines& lines, size_t first) {
  const Header header = header_at(lines, first);
  if (header.end < lines.size() && !blank(lines[header.end])) return false;
  return says_whose(header) ||
         (header.has("subject") && (header.has("message-id") || header.has("mime-version"))) ||
         (header.has("from") && header.has("message-id"));
}

}  // namespace

std::vector<Letter> read_letters(std::string_view bytes) {
  if (looks_like_html(bytes)) {
    const std::string text = page_text(bytes);
    std::vector<Letter> letters = {page_letter(text, lines_of(text))};
    letters[0].form = "web page";
    return letters;
  }
  const Lines lines = lines_of(bytes);
  size_t first = 0;
  while (first < lines.size() && blank(lines[first])) ++first;
  if (first == lines.size()) return {};
  if (mbox_line(lines, first)) return split_mbox(bytes, lines);
  if (is_mail(lines, first)) return {parse_mail(bytes.substr(offset_of(bytes, lines, first)))};
  return {page_letter(bytes, lines)};
}

}  // namespace hangar::mail
