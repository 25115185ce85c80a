// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/diff_lines.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "harness/base/text.h"

namespace hangar::mail {
namespace {

// The folders at the top of a kernel tree: a path that begins with one of them was made without a/ and b/.
bool top_folder(std::string_view path) {
  constexpr std::array<std::string_view, 23> folders = {
      "arch",     "block",    "certs",  "crypto", "drivers", "fs",   "include",      "init",
      "io_uring", "ipc",      "kernel", "lib",    "mm",      "net",  "rust",         "samples",
      "scripts",  "security", "sound",  "tools",  "usr",     "virt", "Documentation"};
  return std::find(folders.begin(), folders.end(), path.substr(0, path.find('/'))) != folders.end();
}

}  // namespace

Lines lines_of(std::string_view text) {
  Lines out;
  if (text.empty()) return out;
  out.ends_whole = text.back() == '\n';
  out.all = split(text, '\n');
  if (out.ends_whole) out.all.pop_back();
  for (std::string_view& line : out.all) {
    while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  }
  return out;
}

bool blank(std::string_view line) {
  return trim(line).empty();
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool trim_marker(std::string_view line) {
  line = trim(line);
  if (line.empty() || line.size() > 40) return false;
  const bool framed = (line.front() == '[' && line.back() == ']') ||
                      (line.front() == '<' && line.back() == '>') ||
                      (line.front() == '(' && line.back() == ')');
  if (framed) line = trim(line.substr(1, line.size() - 2));
  if (line == "\xe2\x80\xa6") return true;  // the ellipsis as one character
  const auto dots = std::count(line.begin(), line.end(), '.');
  if (dots >= 2 && static_cast<size_t>(dots) == line.size()) return true;
  return framed &&
         (line.find("snip") != std::string_view::npos || line.find("...") != std::string_view::npos ||
          line.find("trimmed") != std::string_view::npos || line.find("cut") == 0);
}

bool signature_rule(std::string_view line) {
  return line == "-- " || line == "--";
}

bool goes_on(std::string_view line) {
  if (line.size() < 2 || signature_rule(line)) return false;
  if (line[0] == ' ') return !blank(line);
  if (line[0] != '+' && line[0] != '-') return false;
  // A rule of dashes separates a patch from the text of the mail.
  return !line.starts_with("--- ") && !line.starts_with("+++ ") &&
         line.find_first_not_of(line[0]) != std::string_view::npos;
}

std::pair<std::string, std::string> header_paths(std::string_view before, std::string_view after) {
  const bool same = before == after || before == "/dev/null" || after == "/dev/null";
  const auto cut = [&](std::string_view raw) {
    if (raw == "/dev/null") return std::string();
    const size_t slash = raw.find('/');
    if (slash == std::string_view::npos || slash == 0 || (same && top_folder(raw))) return std::string(raw);
    return std::string(raw.substr(slash + 1));
  };
  return {cut(before), cut(after)};
}

bool file_header_at(const Lines& lines, size_t at, const Quoting& quoting) {
  if (at + 1 >= lines.size()) return false;
  const auto before = unquote(lines[at], quoting);
  const auto after = unquote(lines[at + 1], quoting);
  if (!before || !after || !before->starts_with("--- ") || !after->starts_with("+++ ")) return false;
  if (at + 2 >= lines.size()) return true;
  const auto hunk = unquote(lines[at + 2], quoting);
  return hunk && hunk->starts_with("@@ ");
}

}  // namespace hangar::mail
