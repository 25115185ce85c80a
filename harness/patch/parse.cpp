// SPDX-License-Identifier: GPL-2.0-only
#include "harness/patch/parse.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/patch/header.h"
#include "harness/patch/paths.h"

namespace hangar::patch {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const std::string& name) : lines_(split(text, '\n')), name_(name) {}

  Result<std::vector<FileChange>> parse() {
    while (at_ < lines_.size()) {
      const std::string_view line = lines_[at_];
      if (is_file_header()) {
        TRY(take_file());
        continue;
      }
      if (line.starts_with("diff --git ")) {
        TRY(finish_git());
        begin_git(line);
      } else if (pending_ && !line.starts_with("--- ")) {
        TRY(take_extended(line));
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
    pending_.emplace();
    pending_->at_line = at_ + 1;
    if (const auto names = git_names(line)) pending_->old_path = pending_->new_path = names->first.substr(2);
  }

  // A file header of git that no hunks follow: a rename, an empty new file, a mode.
  Result<void> finish_git() {
    if (!pending_) return {};
    FileChange file = *std::exchange(pending_, std::nullopt);
    if (!changes_without_hunks(file)) return {};
    for (const std::string& path : {file.old_path, file.new_path}) TRY(check_path(path));
    files_.push_back(std::move(file));
    return {};
  }

  Result<void> take_extended(std::string_view line) {
    if (!extended_header(line)) return finish_git();
    switch (unsupported(line)) {
      case Unsupported::link:
        return damage("the patch makes a symbolic link or a submodule, which is refused");
      case Unsupported::copy:
        return damage(
            "the patch copies a file, which is not supported: make it with `git diff --no-renames`");
      case Unsupported::binary:
        return damage("the patch is binary, which is not supported");
      case Unsupported::none:
        break;
    }
    add_extended(line, *pending_);
    return {};
  }

  // "--- a/x", "+++ b/x" and a hunk: three lines, since the text of a mail may hold the first alone.
  bool is_file_header() const {
    return at_ + 2 < lines_.size() && lines_[at_].starts_with("--- ") &&
           lines_[at_ + 1].starts_with("+++ ") && lines_[at_ + 2].starts_with("@@ -");
  }

  Result<std::string> path_of(std::string_view line) const {
    const std::string_view name = file_name(line);
    if (name == "/dev/null") return std::string();
    if (name.starts_with('/')) TRY(check_path(name));
    const size_t slash = name.find('/');
    if (slash == std::string_view::npos)
      return damage(fmt::format("the path {} has no leading folder (a/, b/) to take off", name));
    TRY(check_path(name.substr(slash + 1)));
    return std::string(name.substr(slash + 1));
  }

  Result<void> check_path(std::string_view path) const {
    const std::string complaint = path_complaint(path);
    if (complaint.empty()) return {};
    return damage(fmt::format("the path {} {}, which is refused", sanitize_for_terminal(path), complaint));
  }

  Result<void> take_file() {
    FileChange file = std::exchange(pending_, std::nullopt).value_or(FileChange());
    if (file.at_line == 0) file.at_line = at_ + 1;
    TRY_ASSIGN(file.old_path, path_of(lines_[at_]));
    ++at_;
    TRY_ASSIGN(file.new_path, path_of(lines_[at_]));
    ++at_;
    if (file.path().empty()) return damage("both file names are /dev/null");
    while (at_ < lines_.size() && lines_[at_].starts_with("@@ -")) TRY(take_hunk(file));
    files_.push_back(std::move(file));
    return {};
  }

  Result<void> take_hunk(FileChange& file) {
    auto hunk = hunk_header(lines_[at_]);
    if (!hunk) return damage("this is not a whole hunk header");
    hunk->at_line = at_ + 1;
    TRY(take_lines(*hunk, fmt::format("hunk {} of {}", file.hunks.size() + 1, file.path())));
    file.hunks.push_back(std::move(*hunk));
    return {};
  }

  Result<void> take_lines(Hunk& hunk, const std::string& which) {
    const size_t begun = at_++;
    size_t old_seen = 0;
    size_t new_seen = 0;
    for (; old_seen < hunk.old_count || new_seen < hunk.new_count; ++at_) {
      // What follows the last newline is not a line, or one that was cut.
      if (at_ + 1 >= lines_.size()) {
        at_ = begun;
        return damage(fmt::format("{} is cut off: {} of {} old and {} of {} new lines are there", which,
                                  old_seen, hunk.old_count, new_seen, hunk.new_count));
      }
      // Mail programs cut the blank off an empty context line.
      const char mark = lines_[at_].empty() ? ' ' : lines_[at_][0];
      if (std::string_view(" +-\\").find(mark) == std::string_view::npos)
        return damage(fmt::format("this line in {} is neither context nor a change", which));
      old_seen += mark == ' ' || mark == '-' ? 1 : 0;
      new_seen += mark == ' ' || mark == '+' ? 1 : 0;
      hunk.lines.emplace_back(lines_[at_]);
    }
    if (at_ < lines_.size() && lines_[at_].starts_with("\\ ")) hunk.lines.emplace_back(lines_[at_++]);
    if (old_seen == hunk.old_count && new_seen == hunk.new_count) return {};
    at_ = begun;
    return damage(fmt::format("{} has other line counts than its header", which));
  }

  std::vector<std::string_view> lines_;
  const std::string& name_;
  size_t at_ = 0;
  std::optional<FileChange> pending_;  // a `diff --git` whose file names have not come yet
  std::vector<FileChange> files_;
};

}  // namespace

Result<std::vector<FileChange>> parse(std::string_view text, const std::string& name) {
  return Parser(text, name).parse();
}

}  // namespace hangar::patch
