// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/diff_lines.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "harness/base/text.h"

namespace hangar::mail {
namespace {

// No file has more lines. What a header says beyond it cannot be added to a place in a file.
constexpr size_t max_line = 1'000'000'000;

// "12,3" or "12" at the head of `text`, which is moved behind it.
bool take_range(std::string_view& text, size_t& start, size_t& count) {
  const char* const end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, start);
  if (error != std::errc()) return false;
  if (at != end && *at == ',') {
    const auto [after, bad] = std::from_chars(at + 1, end, count);
    if (bad != std::errc()) return false;
    at = after;
  }
  if (start > max_line || count > max_line) return false;
  text.remove_prefix(static_cast<size_t>(at - text.data()));
  return true;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!starts_with(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The folders at the top of a kernel tree: a path that begins with one of them was made without a/ and b/.
bool top_folder(std::string_view path) {
  constexpr std::array<std::string_view, 23> folders = {
      "arch",     "block",    "certs",  "crypto", "drivers", "fs",   "include",      "init",
      "io_uring", "ipc",      "kernel", "lib",    "mm",      "net",  "rust",         "samples",
      "scripts",  "security", "sound",  "tools",  "usr",     "virt", "Documentation"};
  return std::find(folders.begin(), folders.end(), path.substr(0, path.find('/'))) != folders.end();
}

std::string_view raw_path(std::string_view line) {
  line.remove_prefix(4);
  line = line.substr(0, line.find('\t'));
  while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
  return line;
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

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool blank(std::string_view line) {
  return trim(line).empty();
}

std::optional<HunkHeader> hunk_header(std::string_view line) {
  HunkHeader header;
  if (!take(line, "@@ -") || !take_range(line, header.old_start, header.old_count)) return std::nullopt;
  if (!take(line, " +") || !take_range(line, header.new_start, header.new_count)) return std::nullopt;
  if (!take(line, " @@")) return std::nullopt;
  header.section = line;
  return header;
}

bool extended_header(std::string_view line) {
  constexpr std::array<std::string_view, 14> known = {"index ",
                                                      "old mode ",
                                                      "new mode ",
                                                      "new file mode ",
                                                      "deleted file mode ",
                                                      "rename from ",
                                                      "rename to ",
                                                      "copy from ",
                                                      "copy to ",
                                                      "similarity index ",
                                                      "Index: ",
                                                      "Binary files ",
                                                      "GIT binary patch",
                                                      "dissimilarity index "};
  return std::any_of(known.begin(), known.end(), [&](auto prefix) { return starts_with(line, prefix); });
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
  // A rule of dashes stands between a patch and what a person has to say.
  return !starts_with(line, "--- ") && !starts_with(line, "+++ ") &&
         line.find_first_not_of(line[0]) != std::string_view::npos;
}

std::pair<std::string, std::string> header_paths(std::string_view before, std::string_view after) {
  const std::string_view old_raw = raw_path(before);
  const std::string_view new_raw = raw_path(after);
  const bool same = old_raw == new_raw || old_raw == "/dev/null" || new_raw == "/dev/null";
  const auto cut = [&](std::string_view raw) {
    if (raw == "/dev/null") return std::string();
    const size_t slash = raw.find('/');
    if (slash == std::string_view::npos || slash == 0 || (same && top_folder(raw))) return std::string(raw);
    return std::string(raw.substr(slash + 1));
  };
  return {cut(old_raw), cut(new_raw)};
}

bool file_header_at(const Lines& lines, size_t at, const Quoting& quoting) {
  if (at + 1 >= lines.size()) return false;
  const auto before = unquote(lines[at], quoting);
  const auto after = unquote(lines[at + 1], quoting);
  if (!before || !after || !starts_with(*before, "--- ") || !starts_with(*after, "+++ ")) return false;
  if (at + 2 >= lines.size()) return true;
  const auto hunk = unquote(lines[at + 2], quoting);
  return hunk && starts_with(*hunk, "@@ ");
}

}  // namespace hangar::mail
