// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/page.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include "harness/mail/diff_lines.h"

namespace hangar::mail {
namespace {

void append_utf8(std::string& out, unsigned long code) {
  const auto put = [&](unsigned long byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | (code >> 6));
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3f));
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// The entity's name is between & and ;.
bool append_entity(std::string& out, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> named = {
      {{"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}}};
  for (const auto& [word, text] : named) {
    if (word != name) continue;
    out += text;
    return true;
  }
  if (name.size() < 2 || name[0] != '#') return false;
  const bool hex = name[1] == 'x' || name[1] == 'X';
  name.remove_prefix(hex ? 2 : 1);
  unsigned long code = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
  if (error != std::errc() || end != name.data() + name.size() || code == 0 || code > 0x10ffff) return false;
  append_utf8(out, code);
  return true;
}

// The text between these tags is not for reading.
std::optional<std::string> silent_end(const std::string& tag) {
  for (const char* name : {"script", "style", "head"}) {
    const std::string opening = std::string("<") + name;
    if (tag.compare(0, opening.size(), opening) == 0 && tag.size() > opening.size() &&
        std::isalpha(static_cast<unsigned char>(tag[opening.size()])) == 0)
      return std::string("</") + name;
  }
  return std::nullopt;
}

// A tag begins with a letter, a slash or an exclamation mark.
bool tag_at(std::string_view text, size_t at) {
  if (at + 1 >= text.size()) return false;
  const char c = text[at + 1];
  return c == '/' || c == '!' || std::isalpha(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

bool looks_like_html(std::string_view bytes) {
  const size_t first = bytes.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (first == std::string_view::npos) return false;
  const std::string head = lower(bytes.substr(first, 512));
  return head.rfind("<!doctype html", 0) == 0 || head.rfind("<html", 0) == 0 ||
         (head.rfind("<?xml", 0) == 0 && head.find("<html") != std::string::npos);
}

std::string page_text(std::string_view html) {
  std::string out;
  std::string folded;  // lower case, made when a silent tag needs its end
  size_t at = 0;
  while (at < html.size()) {
    if (html[at] == '<' && tag_at(html, at)) {
      const size_t end = std::min(html.find('>', at), html.size() - 1);
      const auto silent = silent_end(lower(html.substr(at, std::min<size_t>(end - at + 1, 16))));
      at = end + 1;
      if (!silent) continue;
      if (folded.empty()) folded = lower(html);
      at = std::min(folded.find(*silent, at), html.size());
      continue;
    }
    const size_t end = html[at] == '&' ? html.substr(at, 12).find(';') : std::string_view::npos;
    if (end != std::string_view::npos && append_entity(out, html.substr(at + 1, end - 1))) {
      at += end + 1;
      continue;
    }
    const bool cut =
        html[at] == '&' && html.size() - at < 8 &&
        html.find_first_not_of("#abcdefghijklmnopqrstuvwxyz0123456789", at + 1) == std::string_view::npos;
    if (cut) break;  // the page ends within an entity
    out += html[at++];
  }
  return out;
}

}  // namespace hangar::mail
