// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/recover.h"

#include <fmt/format.h>

#include "harness/mail/diff_lines.h"
#include "harness/mail/hunk_reader.h"
#include "harness/patch/header.h"

namespace hangar::mail {
namespace {

class Recovery {
 public:
  Recovery(std::string_view text, std::vector<std::string>* lost) : lines_(lines_of(text)), lost_(lost) {}

  std::vector<FoundChange> run() {
    size_t at = 0;
    while (at < lines_.size()) {
      const Unquoted line = unquote(lines_[at]);
      if (line.text.starts_with("diff --git ") || starts_with_header(at, line)) {
        take_file(line.quoting, at);
      } else {
        note_lost(line.text, at++);
      }
    }
    return std::move(files_);
  }

 private:
  [[nodiscard]] bool starts_with_header(size_t at, const Unquoted& line) const {
    return line.text.starts_with("--- ") && file_header_at(lines_, at, line.quoting);
  }

  // A hunk at a place where no file is being read.
  void note_lost(std::string_view text, size_t at) {
    if (lost_ != nullptr && patch::hunk_header(text))
      lost_->push_back(fmt::format("line {}: a hunk whose file header was trimmed: left out", at + 1));
  }

  void take_file(const Quoting& quoting, size_t& at) {
    FoundChange file;
    file.depth = quoting.depth;
    file.at_line = at + 1;
    const std::string_view first = *unquote(lines_[at], quoting);
    if (first.starts_with("diff --git ")) {
      if (const auto names = patch::git_names(first))
        std::tie(file.old_path, file.new_path) = header_paths(names->first, names->second);
      ++at;
      take_extended(quoting, file, at);
    }
    const bool has_paths = at < lines_.size() && file_header_at(lines_, at, quoting);
    if (has_paths) {
      std::tie(file.old_path, file.new_path) =
          header_paths(patch::file_name(*unquote(lines_[at], quoting)),
                       patch::file_name(*unquote(lines_[at + 1], quoting)));
      at += 2;
      take_hunks(quoting, file, at);
    }
    check(has_paths, file);
    // "diff --git" alone may be in any sentence.
    if (has_paths || !file.extended.empty()) files_.push_back(std::move(file));
  }

  void take_extended(const Quoting& quoting, FoundChange& file, size_t& at) {
    for (; at < lines_.size(); ++at) {
      const auto own = unquote(lines_[at], quoting);
      if (!own || !patch::extended_header(*own)) return;
      patch::add_extended(*own, file);
    }
  }

  void take_hunks(const Quoting& quoting, FoundChange& file, size_t& at) {
    while (at < lines_.size()) {
      const auto own = unquote(lines_[at], quoting);
      const Unquoted any = unquote(lines_[at]);
      if (any.text.starts_with("diff --git ") || starts_with_header(at, any)) return;
      auto header = own ? patch::hunk_header(*own) : std::nullopt;
      if (header) {
        file.hunks.push_back(HunkReader(lines_, quoting).read(*std::move(header), at));
        continue;
      }
      if (own && own->starts_with("@@ "))
        file.damage.push_back(fmt::format("line {}: `{}` is not a whole hunk header", at + 1, *own));
      if (!own || any.quoting.depth != quoting.depth) note_lost(any.text, at);
      ++at;
    }
  }

  static void check(bool has_paths, FoundChange& file) {
    for (const std::string& line : file.extended) {
      if (patch::unsupported(line) == patch::Unsupported::binary)
        file.damage.emplace_back("it is binary, which cannot be imported");
      if (line.starts_with("copy from ")) {
        file.damage.emplace_back(
            "it copies a file, which is not supported: `git diff --no-renames` avoids that");
      }
    }
    if (has_paths && file.hunks.empty()) file.damage.emplace_back("its hunks are missing");
    if (!has_paths && file.damage.empty() && !patch::changes_without_hunks(file))
      file.damage.emplace_back("it ends in its header");
  }

  Lines lines_;
  std::vector<std::string>* lost_;
  std::vector<FoundChange> files_;
};

}  // namespace

std::vector<FoundChange> recover_diffs(std::string_view text, std::vector<std::string>* lost) {
  return Recovery(text, lost).run();
}

}  // namespace hangar::mail
