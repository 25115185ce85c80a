// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/hunk_reader.h"

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/patch/header.h"

namespace hangar::mail {
namespace {

// Columns with tabs at every eighth, as the mail program that wrapped the line may have counted.
size_t columns(std::string_view line) {
  size_t column = 0;
  for (const char c : line) column = c == '\t' ? (column / 8 + 1) * 8 : column + 1;
  return column;
}

bool is_mark(char c) {
  return c == ' ' || c == '+' || c == '-';
}

// A line was wrapped only if the next word did not fit any more. Mail programs wrap at 65 to 80 columns;
// under the diff's own marks, where a comment is not to be expected, narrower ones are believed as well.
constexpr size_t narrow_column = 50;
constexpr size_t wrap_column = 66;

}  // namespace

void HunkReader::note(const std::string& what) {
  hunk_.notes.push_back(fmt::format("line {}: {}", at_ + 1, what));
}

patch::Hunk HunkReader::read(patch::Hunk header, size_t& at) {
  hunk_ = std::move(header);
  hunk_.at_line = at + 1;
  last_ = at;
  for (at_ = at + 1; at_ < lines_.size() && !complete(); ++at_) {
    const std::string_view raw = lines_[at_];
    const auto own = unquote(raw, quoting_);
    if (unquote(raw).text.starts_with("diff --git ")) break;  // of whatever depth: the hunk was trimmed
    if (own && (patch::hunk_header(*own) || file_header_here())) break;
    const Step step = own ? own_line(*own) : foreign_line(raw, unquote(raw).text);
    if (step == Step::over) break;
    if (step == Step::taken) last_ = at_;
  }
  settle(at);
  return std::move(hunk_);
}

// Two lines at the end of the text that complete the hunk are its own: a removed "-- a/x", an added "++ b/x".
bool HunkReader::file_header_here() const {
  const bool last_two = at_ + 2 >= lines_.size();
  const bool complete_it = old_seen_ + 1 == hunk_.old_count && new_seen_ + 1 == hunk_.new_count;
  return file_header_at(lines_, at_, quoting_) && !(last_two && complete_it);
}

// A line under the same marks as the diff.
HunkReader::Step HunkReader::own_line(std::string_view text) {
  if (signature_rule(text) && at_ + 1 < lines_.size()) {
    const auto next = unquote(lines_[at_ + 1], quoting_);
    if (!next || next->empty() || (next->front() >= '0' && next->front() <= '9')) return Step::over;
  }
  if (text.empty() || is_mark(text[0]) || text[0] == '\\') return diff_line(text);
  if (text[0] == '\t') {
    note("a context line that lost its first blank");
    return diff_line(" " + std::string(text));
  }
  return foreign_line(lines_[at_], text);
}

HunkReader::Step HunkReader::diff_line(std::string_view text) {
  const char mark = text.empty() ? ' ' : text[0];
  if (mark == '\\') {
    hunk_.lines.emplace_back(text);
    return Step::taken;
  }
  const bool fits =
      (mark == '+' || old_seen_ < hunk_.old_count) && (mark == '-' || new_seen_ < hunk_.new_count);
  if (!fits) return Step::over;
  old_seen_ += mark != '+' ? 1 : 0;
  new_seen_ += mark != '-' ? 1 : 0;
  blanks_ = lines_[at_].empty() ? blanks_ + 1 : 0;
  hunk_.lines.emplace_back(text);
  return Step::taken;
}

// A line that is not a part of the diff as it is: the rest of a wrapped line, a mark that lines were taken
// out, or a comment.
HunkReader::Step HunkReader::foreign_line(std::string_view raw, std::string_view text) {
  if (trim_marker(text)) {
    trimmed_ = true;
    note(fmt::format("lines were taken out here (`{}`)", trim(text)));
    return Step::skipped;
  }
  if (wrapped_here(text)) {
    join(text);
    return Step::taken;
  }
  if (quoting_.depth == 0) return Step::over;  // nothing separates a comment from the text behind the diff
  if (!blank(raw)) {
    if (comments_ == 0) comment_at_ = at_;
    ++comments_;
  }
  return Step::skipped;
}

bool HunkReader::wrapped_here(std::string_view text) const {
  if (last_ + 1 != at_ || blank(text)) return false;
  if (!hunk_.lines.empty() && blank(hunk_.lines.back())) return false;  // nothing to wrap
  const std::string_view word = trim(text).substr(0, trim(text).find_first_of(" \t"));
  const size_t limit = unquote(lines_[at_], quoting_) ? narrow_column : wrap_column;
  if (columns(lines_[last_]) + 1 + word.size() < limit) return false;
  if (at_ + 1 >= lines_.size()) return true;
  // The diff must go on behind it: a comment is followed by more of it, or by an empty line.
  const auto next = unquote(lines_[at_ + 1], quoting_);
  return next && (next->empty() || is_mark((*next)[0]) || (*next)[0] == '@' || next->starts_with("diff "));
}

void HunkReader::join(std::string_view text) {
  std::string& line = hunk_.lines.empty() ? hunk_.section : hunk_.lines.back();
  if (!line.empty() && line.back() != ' ') line += ' ';
  line += trim(text);
  note("the rest of a wrapped line, joined again");
}

void HunkReader::drop_trailing_blanks() {
  for (; blanks_ > 0; --blanks_) {
    hunk_.lines.pop_back();
    --old_seen_;
    --new_seen_;
    --last_;
  }
}

void HunkReader::settle(size_t& at) {
  const bool is_complete = complete();
  if (!is_complete) drop_trailing_blanks();
  at = std::max(last_, at) + 1;
  // A line that was wrapped and is the hunk's last, and the note that the file ends without a newline.
  at_ = at;
  if (is_complete && at < lines_.size()) {
    const auto own = unquote(lines_[at], quoting_);
    const std::string_view text = own ? *own : unquote(lines_[at]).text;
    const bool foreign = !own || (!text.empty() && !is_mark(text[0]) && text[0] != '\\' && text[0] != '@');
    if (own && text.starts_with("\\ ")) {
      hunk_.lines.emplace_back(text);
      ++at;
    } else if (foreign && !trim_marker(text) && !text.starts_with("diff ") && wrapped_here(text)) {
      join(text);
      ++at;
    }
  }
  if (comments_ > 0) {
    hunk_.notes.push_back(
        fmt::format("line {}: {} lines of comment are in between", comment_at_ + 1, comments_));
  }
  if (!is_complete) {
    hunk_.damage.push_back(fmt::format("{}: {} of {} old and {} of {} new lines are there",
                                       trimmed_ ? "trimmed" : "it ends early", old_seen_, hunk_.old_count,
                                       new_seen_, hunk_.new_count));
  } else if (trimmed_) {
    hunk_.damage.emplace_back("lines were taken out of it, though its counts add up");
  }
  const auto next = at < lines_.size() ? unquote(lines_[at], quoting_) : std::nullopt;
  if (next && goes_on(*next) && !file_header_at(lines_, at, quoting_)) {
    hunk_.damage.push_back(
        fmt::format("line {}: the hunk goes on behind the {} old and {} new lines of its header", at + 1,
                    hunk_.old_count, hunk_.new_count));
  }
  if (at >= lines_.size() && !lines_.ends_whole)
    hunk_.damage.emplace_back("the text ends within its last line");
}

}  // namespace hangar::mail
