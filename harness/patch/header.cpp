// SPDX-License-Identifier: GPL-2.0-only
#include "harness/patch/header.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace hangar::patch {
namespace {

// No file has more lines. A larger number could overflow when an offset is added to it.
constexpr size_t max_line = 1'000'000'000;

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_number(std::string_view& text, size_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number > max_line) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

// "12,3" or "12", which leaves `count` as it is.
bool take_range(std::string_view& text, size_t& start, size_t& count) {
  return take_number(text, start) && (!take(text, ",") || take_number(text, count));
}

}  // namespace

std::optional<Hunk> hunk_header(std::string_view line) {
  Hunk hunk;
  if (!take(line, "@@ -") || !take_range(line, hunk.old_start, hunk.old_count)) return std::nullopt;
  if (!take(line, " +") || !take_range(line, hunk.new_start, hunk.new_count)) return std::nullopt;
  if (!take(line, " @@")) return std::nullopt;
  hunk.section = line;
  return hunk;
}

std::optional<std::pair<std::string_view, std::string_view>> git_names(std::string_view line) {
  if (!take(line, "diff --git ")) return std::nullopt;
  const size_t half = line.size() / 2;
  if (line.size() <= 5 || line[half] != ' ') return std::nullopt;
  return std::pair(line.substr(0, half), line.substr(half + 1));
}

std::string_view file_name(std::string_view line) {
  line.remove_prefix(4);
  line = line.substr(0, line.find('\t'));
  while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool extended_header(std::string_view line) {
  constexpr std::array<std::string_view, 14> known = {"index ",
                                                      "Index: ",
                                                      "old mode ",
                                                      "new mode ",
                                                      "new file mode ",
                                                      "rename from ",
                                                      "rename to ",
                                                      "copy from ",
                                                      "copy to ",
                                                      "deleted file mode ",
                                                      "similarity index ",
                                                      "Binary files ",
                                                      "GIT binary patch",
                                                      "dissimilarity index "};
  return std::any_of(known.begin(), known.end(), [&](auto prefix) { return line.starts_with(prefix); });
}

void add_extended(std::string_view line, FileChange& change) {
  change.extended.emplace_back(line);
  if (line.starts_with("new file mode ")) change.old_path.clear();
  if (line.starts_with("deleted file mode ")) change.new_path.clear();
  if (take(line, "rename from ")) change.old_path = line;
  if (take(line, "rename to ")) change.new_path = line;
}

bool changes_without_hunks(const FileChange& change) {
  return std::any_of(change.extended.begin(), change.extended.end(), [](std::string_view line) {
    return line.starts_with("new ") || line.starts_with("deleted ") || line.starts_with("rename from ");
  });
}

Unsupported unsupported(std::string_view extended) {
  const auto has = [&](std::string_view mode) { return extended.find(mode) != std::string_view::npos; };
  if (has(" mode 120") || has(" mode 160")) return Unsupported::link;
  if (extended.starts_with("copy ")) return Unsupported::copy;
  if (extended.starts_with("Binary files ") || extended.starts_with("GIT binary patch"))
    return Unsupported::binary;
  return Unsupported::none;
}

}  // namespace hangar::patch
