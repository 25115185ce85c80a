// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/mail/diff_lines.h"
#include "harness/patch/diff.h"

// Reads the body of one hunk out of a text in which it may be quoted, interrupted, wrapped or cut.
namespace hangar::mail {

class HunkReader {
 public:
  HunkReader(const Lines& lines, const Quoting& quoting) : lines_(lines), quoting_(quoting) {}

  // `at` is the line of the hunk's header, and is moved behind the hunk's last line.
  [[nodiscard]] patch::Hunk read(patch::Hunk header, size_t& at);

 private:
  enum class Step { taken, skipped, over };

  [[nodiscard]] bool complete() const { return old_seen_ >= hunk_.old_count && new_seen_ >= hunk_.new_count; }
  Step own_line(std::string_view text);
  Step diff_line(std::string_view text);
  Step foreign_line(std::string_view raw, std::string_view text);
  [[nodiscard]] bool file_header_here() const;
  [[nodiscard]] bool wrapped_here(std::string_view text) const;
  void join(std::string_view text);
  void drop_trailing_blanks();
  void settle(size_t& at);
  void note(const std::string& what);

  const Lines& lines_;
  Quoting quoting_;
  patch::Hunk hunk_;
  size_t at_ = 0;
  size_t old_seen_ = 0;
  size_t new_seen_ = 0;
  size_t last_ = 0;    // the line that was last taken into the hunk
  size_t blanks_ = 0;  // lines at the end of the hunk that were wholly empty in the text
  size_t comments_ = 0;
  size_t comment_at_ = 0;
  bool trimmed_ = false;
};

}  // namespace hangar::mail
