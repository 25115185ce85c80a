// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/recover.h"

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/mail/diff_lines.h"
#include "harness/mail/hunk_reader.h"

namespace hangar::mail {
namespace {

class Recovery {
 public:
  Recovery(std::string_view text, std::vector<std::string>* lost) : lines_(lines_of(text)), lost_(lost) {}

  std::vector<FileDiff> run() {
    size_t at = 0;
    while (at < lines_.size()) {
      const Unquoted line = unquote(lines_[at]);
      if (starts_with(line.text, "diff --git ") || starts_with_header(at, line)) {
        take_file(line.quoting, at);
      } else {
        note_lost(line.text, at++);
      }
    }
    return std::move(files_);
  }

 private:
  [[nodiscard]] bool starts_with_header(size_t at, const Unquoted& line) const {
    return starts_with(line.text, "--- ") && file_header_at(lines_, at, line.quoting);
  }

  // A hunk that stands where no file is being read.
  void note_lost(std::string_view text, size_t at) {
    if (lost_ != nullptr && hunk_header(text))
      lost_->push_back(fmt::format("line {}: a hunk whose file header was trimmed: left out", at + 1));
  }

  void take_file(const Quoting& quoting, size_t& at) {
    FileDiff file;
    file.depth = quoting.depth;
    file.at_line = at + 1;
    const std::string_view first = *unquote(lines_[at], quoting);
    const bool git = starts_with(first, "diff --git ");
    if (git) {
      git_paths(first, file);
      ++at;
      take_extended(quoting, file, at);
    }
    const bool has_paths = at < lines_.size() && file_header_at(lines_, at, quoting);
    if (has_paths) {
      std::tie(file.old_path, file.new_path) =
          header_paths(*unquote(lines_[at], quoting), *unquote(lines_[at + 1], quoting));
      at += 2;
      take_hunks(quoting, file, at);
    }
    check(has_paths, file);
    // "diff --git" alone may stand in any sentence.
    if (has_paths || !file.extended.empty()) files_.push_back(std::move(file));
  }

  // "a/X b/X": the halves are of one length, unless it is a rename, which says its names again.
  static void git_paths(std::string_view line, FileDiff& file) {
    const std::string_view names = line.substr(std::string_view("diff --git ").size());
    const size_t half = names.size() / 2;
    if (names.size() > 5 && names[half] == ' ') {
      std::tie(file.old_path, file.new_path) = header_paths(fmt::format("--- {}", names.substr(0, half)),
                                                            fmt::format("+++ {}", names.substr(half + 1)));
    }
  }

  void take_extended(const Quoting& quoting, FileDiff& file, size_t& at) {
    for (; at < lines_.size(); ++at) {
      const auto own = unquote(lines_[at], quoting);
      if (!own || !extended_header(*own)) return;
      file.extended.emplace_back(*own);
      if (starts_with(*own, "new file mode ")) file.old_path.clear();
      if (starts_with(*own, "deleted file mode ")) file.new_path.clear();
      if (starts_with(*own, "rename from ")) file.old_path = own->substr(12);
      if (starts_with(*own, "rename to ")) file.new_path = own->substr(10);
    }
  }

  void take_hunks(const Quoting& quoting, FileDiff& file, size_t& at) {
    while (at < lines_.size()) {
      const auto own = unquote(lines_[at], quoting);
      const Unquoted any = unquote(lines_[at]);
      if (starts_with(any.text, "diff --git ") || starts_with_header(at, any)) return;
      const auto header = own ? hunk_header(*own) : std::nullopt;
      if (header) {
        file.hunks.push_back(HunkReader(lines_, quoting).read(*header, at));
        continue;
      }
      if (own && starts_with(*own, "@@ "))
        file.damage.push_back(fmt::format("line {}: `{}` is no whole hunk header", at + 1, *own));
      if (!own || any.quoting.depth != quoting.depth) note_lost(any.text, at);
      ++at;
    }
  }

  static void check(bool has_paths, FileDiff& file) {
    for (const std::string& line : file.extended) {
      if (starts_with(line, "Binary files ") || starts_with(line, "GIT binary patch"))
        file.damage.emplace_back("it is binary, which cannot be imported");
      if (starts_with(line, "copy from ")) {
        file.damage.emplace_back(
            "it copies a file, which is not supported: `git diff --no-renames` avoids that");
      }
    }
    if (has_paths && file.hunks.empty()) file.damage.emplace_back("its hunks are missing");
    if (!has_paths && file.damage.empty() && says_changes_only(file))
      file.damage.emplace_back("it ends in its header");
  }

  // An index line promises content; a mode or a rename can stand alone.
  static bool says_changes_only(const FileDiff& file) {
    for (const std::string& line : file.extended) {
      if (!starts_with(line, "index ") && !starts_with(line, "Index: ")) return false;
    }
    return true;
  }

  Lines lines_;
  std::vector<std::string>* lost_;
  std::vector<FileDiff> files_;
};

}  // namespace

std::vector<FileDiff> recover_diffs(std::string_view text, std::vector<std::string>* lost) {
  return Recovery(text, lost).run();
}

std::string path_complaint(std::string_view path) {
  if (!path.empty() && path[0] == '/') return "is absolute";
  for (const std::string_view part : split(path, '/')) {
    if (part == "..") return "leaves the source tree";
    if (part == ".git") return "points into a repository";
  }
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "holds control bytes";
  }
  return {};
}

}  // namespace hangar::mail
