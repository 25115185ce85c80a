// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/patch/apply.h"

namespace hangar::patch {
namespace {

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// No file has more lines. What a header says beyond it cannot be added to a place in a file.
constexpr size_t max_line = 1'000'000'000;

struct Range {
  size_t start = 0;
  size_t count = 1;
};

// "12,3" or "12" at the head of `text`, which is moved behind it.
std::optional<Range> take_range(std::string_view& text) {
  Range range;
  const char* const end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, range.start);
  if (error != std::errc()) return std::nullopt;
  if (at != end && *at == ',') {
    const auto [after, bad] = std::from_chars(at + 1, end, range.count);
    if (bad != std::errc()) return std::nullopt;
    at = after;
  }
  if (range.start > max_line || range.count > max_line) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(at - text.data()));
  return range;
}

// "@@ -12,3 +12,4 @@ function"
std::optional<std::pair<Range, Range>> hunk_header(std::string_view line) {
  if (!starts_with(line, "@@ -")) return std::nullopt;
  line.remove_prefix(4);
  const auto before = take_range(line);
  if (!before || !starts_with(line, " +")) return std::nullopt;
  line.remove_prefix(2);
  const auto after = take_range(line);
  if (!after || !starts_with(line, " @@")) return std::nullopt;
  return std::pair(*before, *after);
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& name) : lines_(split(text, '\n')), name_(name) {}

  Result<std::vector<FilePatch>> parse() {
    while (at_ < lines_.size()) {
      const std::string_view line = lines_[at_];
      if (starts_with(line, "diff --git ")) {
        TRY(finish_git());
        begin_git(line);
      } else if (in_header_ && !starts_with(line, "--- ")) {
        TRY(take_extended(line));
      } else if (is_file_header()) {
        TRY(take_file_header());
        continue;
      }
      ++at_;
    }
    TRY(finish_git());
    if (files_.empty()) return damage("there is no diff in it");
    return std::move(files_);
  }

 private:
  Error damage(const std::string& what) const {
    return user_error(fmt::format("{}:{}: {}", name_, std::min(at_, lines_.size()) + 1, what));
  }

  void begin_git(std::string_view line) {
    pending_ = {};
    in_header_ = true;
    // "a/X b/X": the halves are of one length, unless it is a rename, which says its names again.
    const std::string_view names = line.substr(std::string_view("diff --git ").size());
    const size_t half = names.size() / 2;
    if (names.size() > 5 && names[half] == ' ')
      pending_.old_path = pending_.new_path = names.substr(2, half - 2);
  }

  // A file header of git that no hunks follow: a rename, an empty new file, a mode.
  Result<void> finish_git() {
    if (!in_header_) return {};
    in_header_ = false;
    if (!says_something_) return {};
    says_something_ = false;
    TRY(check_path(pending_.old_path));
    TRY(check_path(pending_.new_path));
    files_.push_back(std::move(pending_));
    return {};
  }

  Result<void> take_extended(std::string_view line) {
    if (starts_with(line, "new file mode ") || starts_with(line, "new mode ")) {
      const std::string_view mode = line.substr(line.rfind(' ') + 1);
      if (starts_with(mode, "120") || starts_with(mode, "160"))
        return damage("the patch makes a symbolic link or a submodule, which is refused");
      pending_.executable = mode == "100755";
      if (starts_with(line, "new file")) pending_.old_path.clear();
      says_something_ = true;
    } else if (starts_with(line, "deleted file mode ")) {
      pending_.new_path.clear();
      says_something_ = true;
    } else if (starts_with(line, "rename from ")) {
      pending_.old_path = line.substr(12);
      says_something_ = true;
    } else if (starts_with(line, "rename to ")) {
      pending_.new_path = line.substr(10);
    } else if (starts_with(line, "copy from ") || starts_with(line, "copy to ")) {
      return damage("the patch copies a file, which is not supported: make it with `git diff --no-renames`");
    } else if (starts_with(line, "GIT binary patch") || starts_with(line, "Binary files ")) {
      return damage("the patch is binary, which is not supported");
    } else if (!starts_with(line, "index ") && !starts_with(line, "old mode ") &&
               !starts_with(line, "similarity index ") && !starts_with(line, "dissimilarity index ")) {
      return finish_git();
    }
    return {};
  }

  // "--- a/x", "+++ b/x" and a hunk: three lines, since the text of a mail may hold the first alone.
  bool is_file_header() const {
    return at_ + 2 < lines_.size() && starts_with(lines_[at_], "--- ") &&
           starts_with(lines_[at_ + 1], "+++ ") && starts_with(lines_[at_ + 2], "@@ -");
  }

  Result<std::string> path_of(std::string_view line) const {
    line.remove_prefix(4);
    line = line.substr(0, line.find('\t'));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
    if (line == "/dev/null") return std::string();
    if (starts_with(line, "/")) return damage(fmt::format("the path {} is absolute, which is refused", line));
    const size_t slash = line.find('/');
    if (slash == std::string_view::npos)
      return damage(fmt::format("the path {} has no leading folder (a/, b/) to take off", line));
    std::string path(line.substr(slash + 1));
    TRY(check_path(path));
    return path;
  }

  Result<void> check_path(const std::string& path) const {
    const bool absolute = !path.empty() && path[0] == '/';
    bool leaves = absolute;
    for (const std::string_view part : split(path, '/')) leaves = leaves || part == ".." || part == ".git";
    if (!leaves && path.find('\0') == std::string::npos) return {};
    return damage(
        fmt::format("the path {} leaves the source tree, which is refused", sanitize_for_terminal(path)));
  }

  Result<void> take_file_header() {
    FilePatch file = in_header_ ? std::move(pending_) : FilePatch();
    in_header_ = says_something_ = false;
    TRY_ASSIGN(file.old_path, path_of(lines_[at_]));
    ++at_;
    TRY_ASSIGN(file.new_path, path_of(lines_[at_]));
    ++at_;
    if (file.old_path.empty() && file.new_path.empty()) return damage("a file from nothing to nothing");
    while (at_ < lines_.size() && starts_with(lines_[at_], "@@ -")) {
      const auto header = hunk_header(lines_[at_]);
      if (!header) return damage("this is not a whole hunk header");
      TRY(take_hunk(header->first, header->second, file));
    }
    files_.push_back(std::move(file));
    return {};
  }

  Result<void> take_hunk(const Range& before, const Range& after, FilePatch& file) {
    Hunk hunk;
    hunk.old_start = before.start;
    hunk.old_count = before.count;
    hunk.new_count = after.count;
    const size_t begun = at_++;
    while (hunk.old_lines.size() < before.count || hunk.new_lines.size() < after.count) {
      // What stands behind the last newline is no line, or one that was cut.
      if (at_ + 1 >= lines_.size()) {
        at_ = begun;
        return damage(fmt::format("hunk {} of {} is cut off: {} of {} old and {} of {} new lines are there",
                                  file.hunks.size() + 1, file.new_path, hunk.old_lines.size(), before.count,
                                  hunk.new_lines.size(), after.count));
      }
      TRY(take_line(lines_[at_], hunk, file));
      ++at_;
    }
    if (at_ < lines_.size() && starts_with(lines_[at_], "\\ ")) {
      no_newline(lines_[at_ - 1], hunk);
      ++at_;
    }
    if (hunk.old_lines.size() > before.count || hunk.new_lines.size() > after.count) {
      at_ = begun;
      return damage(fmt::format("hunk {} of {} has other line counts than its header says",
                                file.hunks.size() + 1, file.new_path));
    }
    file.hunks.push_back(std::move(hunk));
    return {};
  }

  Result<void> take_line(std::string_view line, Hunk& hunk, const FilePatch& file) {
    // Mail programs cut the blank off an empty context line.
    const char mark = line.empty() ? ' ' : line[0];
    const std::string rest = std::string(line.empty() ? "" : line.substr(1)) + "\n";
    if (mark == '\\') {
      no_newline(lines_[at_ - 1], hunk);
    } else if (mark == ' ' || mark == '-' || mark == '+') {
      const bool unchanged = hunk.leading == std::max(hunk.old_lines.size(), hunk.new_lines.size());
      if (mark == ' ' && unchanged) ++hunk.leading;
      hunk.trailing = mark == ' ' ? hunk.trailing + 1 : 0;
      if (mark != '+') hunk.old_lines.push_back(rest);
      if (mark != '-') hunk.new_lines.push_back(rest);
    } else {
      return damage(fmt::format("this line in hunk {} of {} is neither context nor a change",
                                file.hunks.size() + 1, file.new_path));
    }
    return {};
  }

  // "\ No newline at end of file" is about the line before it.
  static void no_newline(std::string_view line, Hunk& hunk) {
    const char mark = line.empty() ? ' ' : line[0];
    if (mark == '\\') return;  // the same said twice
    if (mark != '+' && !hunk.old_lines.empty()) hunk.old_lines.back().pop_back();
    if (mark != '-' && !hunk.new_lines.empty()) hunk.new_lines.back().pop_back();
  }

  std::vector<std::string_view> lines_;
  const std::string& name_;
  size_t at_ = 0;
  FilePatch pending_;
  bool in_header_ = false;
  bool says_something_ = false;
  std::vector<FilePatch> files_;
};

}  // namespace

Result<std::vector<FilePatch>> parse_patch(std::string_view text, const std::string& name) {
  return Parser(text, name).parse();
}

}  // namespace hangar::patch
