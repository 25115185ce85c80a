// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/place.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/mail/diff_lines.h"

namespace hangar::mail {
namespace {

using Views = std::vector<std::string_view>;

// Lines with their newlines.
Views whole_lines(std::string_view text) {
  Views lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// What a hunk takes out and puts in, and how many lines of it at each end are context.
struct Sides {
  std::vector<std::string> before;
  std::vector<std::string> after;
  size_t head = 0;
  size_t tail = 0;
};

Sides sides_of(const Hunk& hunk) {
  Sides sides{old_side(hunk), new_side(hunk)};
  const auto context = [](const std::string& line) { return line.empty() || line[0] == ' '; };
  const auto& lines = hunk.lines;
  while (sides.head < lines.size() && context(lines[sides.head])) ++sides.head;
  auto last = lines.rbegin();
  for (; last != lines.rend() && (context(*last) || (*last)[0] == '\\'); ++last) {
    sides.tail += (*last).empty() || (*last)[0] == ' ' ? 1 : 0;
  }
  return sides;
}

// Leaves out `fuzz` lines of context: the longer end gives first, as in patch(1). False when it has none
// left.
bool trim_context(Sides& sides, size_t fuzz, size_t& cut_head) {
  const size_t most = std::max(sides.head, sides.tail);
  if (fuzz >= most) return false;
  cut_head = sides.head + fuzz > most ? sides.head + fuzz - most : 0;
  const size_t cut_tail = sides.tail + fuzz > most ? sides.tail + fuzz - most : 0;
  // In a hunk without a change, both ends are all of it.
  if (cut_head + cut_tail > std::min(sides.before.size(), sides.after.size())) return false;
  for (auto* side : {&sides.before, &sides.after}) {
    side->erase(side->begin(), side->begin() + static_cast<long>(cut_head));
    side->erase(side->end() - static_cast<long>(cut_tail), side->end());
  }
  return !sides.before.empty();
}

bool matches(const Views& text, size_t at, const std::vector<std::string>& wanted) {
  return at + wanted.size() <= text.size() &&
         std::equal(wanted.begin(), wanted.end(), text.begin() + static_cast<long>(at));
}

// The place nearest to `expected`, not before `from`, where all of `wanted` stands.
std::optional<size_t> find_near(const Views& text, size_t expected, size_t from,
                                const std::vector<std::string>& wanted) {
  if (wanted.size() > text.size() || from > text.size() - wanted.size()) return std::nullopt;
  const size_t last = text.size() - wanted.size();
  const size_t start = std::clamp(expected, from, last);
  for (size_t distance = 0; distance <= last; ++distance) {
    if (start + distance <= last && matches(text, start + distance, wanted)) return start + distance;
    if (start >= from + distance && matches(text, start - distance, wanted)) return start - distance;
  }
  return std::nullopt;
}

std::string shown(std::string_view line) {
  std::string out = sanitize_for_terminal(trim(line));
  std::replace(out.begin(), out.end(), '\t', ' ');
  return ellipsize(out, 60);
}

// The place where most of the hunk's old lines stand: longer lines say more than a brace.
size_t likeliest(const Views& text, size_t expected, const std::vector<std::string>& wanted) {
  size_t best = std::min(expected, text.empty() ? 0 : text.size() - 1);
  size_t best_score = 0;
  const auto distance = [&](size_t at) {
    return std::labs(static_cast<long>(at) - static_cast<long>(expected));
  };
  for (size_t at = 0; at < text.size(); ++at) {
    size_t score = 0;
    for (size_t i = 0; i < wanted.size() && at + i < text.size(); ++i)
      score += text[at + i] == wanted[i] && trim(wanted[i]).size() > 2 ? trim(wanted[i]).size() : 0;
    if (score > best_score || (score == best_score && score > 0 && distance(at) < distance(best))) {
      best = at;
      best_score = score;
    }
  }
  return best;
}

class Placer {
 public:
  Placer(std::string_view text, int most_fuzz) : lines_(whole_lines(text)), most_fuzz_(most_fuzz) {}

  Placed run(const std::vector<Hunk>& hunks) {
    for (const Hunk& hunk : hunks) out_.hunks.push_back(place(hunk));
    copy_to(lines_.size());
    return std::move(out_);
  }

 private:
  Placement place(const Hunk& hunk) {
    const Sides sides = sides_of(hunk);
    const long said = static_cast<long>(hunk.old_start) - (sides.before.empty() ? 0 : 1);
    const auto expected = static_cast<size_t>(std::max(0L, said + drift_));
    if (!hunk.whole()) return failed(hunk, sides, expected);
    for (int fuzz = 0; fuzz <= most_fuzz_; ++fuzz) {
      Sides trimmed = sides;
      size_t cut = 0;
      if (fuzz > 0 && !trim_context(trimmed, static_cast<size_t>(fuzz), cut)) break;
      const auto found = trimmed.before.empty() ? only_added(expected)
                                                : find_near(lines_, expected + cut, done_, trimmed.before);
      if (!found) continue;
      drift_ = static_cast<long>(*found - std::min(cut, *found)) - said;
      take(*found, trimmed);
      const auto kind = fuzz > 0      ? Placement::Kind::fuzz
                        : drift_ != 0 ? Placement::Kind::offset
                                      : Placement::Kind::exact;
      return {kind, static_cast<size_t>(std::max(0L, said + drift_)) + 1, drift_, fuzz, {}};
    }
    return failed(hunk, sides, expected);
  }

  // Lines without any context can only go where the header says.
  [[nodiscard]] std::optional<size_t> only_added(size_t expected) const {
    if (expected < done_ || expected > lines_.size()) return std::nullopt;
    return expected;
  }

  void copy_to(size_t end) {
    for (; done_ < end; ++done_) out_.text += lines_[done_];
  }

  void take(size_t at, const Sides& sides) {
    copy_to(at);
    for (const auto& line : sides.after) out_.text += line;
    done_ = at + sides.before.size();
  }

  [[nodiscard]] Placement failed(const Hunk& hunk, const Sides& sides, size_t expected) const {
    const size_t at = likeliest(lines_, expected, sides.before);
    return {Placement::Kind::failed, at + 1, 0, 0, reason(hunk, sides, expected, at)};
  }

  [[nodiscard]] std::string reason(const Hunk& hunk, const Sides& sides, size_t expected, size_t at) const {
    if (!hunk.whole()) return "damaged, not tried: " + hunk.damage[0];
    if (lines_.empty()) return "the file is empty or missing";
    if (!sides.after.empty() && sides.before != sides.after && find_near(lines_, expected, 0, sides.after))
      return "it seems to be applied already";
    for (size_t i = 0; i < sides.before.size(); ++i) {
      const std::string_view there = at + i < lines_.size() ? lines_[at + i] : std::string_view();
      if (there == sides.before[i]) continue;
      if (at + i >= lines_.size()) return fmt::format("the file ends before `{}`", shown(sides.before[i]));
      if (trim(there) == trim(sides.before[i]))
        return fmt::format("line {} differs in its white space only: `{}`", at + i + 1, shown(there));
      return fmt::format("line {} is `{}`, the patch expects `{}`", at + i + 1, shown(there),
                         shown(sides.before[i]));
    }
    return "its lines stand only before those of the previous hunk";
  }

  Views lines_;
  int most_fuzz_;
  Placed out_;
  size_t done_ = 0;  // lines copied or replaced so far
  long drift_ = 0;   // where the last hunk was found, against where it said
};

}  // namespace

const char* word(Placement::Kind kind) {
  switch (kind) {
    case Placement::Kind::exact:
      return "exact";
    case Placement::Kind::offset:
      return "offset";
    case Placement::Kind::fuzz:
      return "fuzz";
    case Placement::Kind::merged:
      return "merged";
    case Placement::Kind::failed:
      break;
  }
  return "failed";
}

size_t Placed::failed() const {
  return static_cast<size_t>(std::count_if(
      hunks.begin(), hunks.end(), [](const Placement& p) { return p.kind == Placement::Kind::failed; }));
}

Placed place_hunks(std::string_view text, const std::vector<Hunk>& hunks, int most_fuzz) {
  return Placer(text, most_fuzz).run(hunks);
}

std::vector<std::string> source_around(std::string_view text, size_t line, size_t before, size_t after) {
  const Lines lines = lines_of(text);
  std::vector<std::string> out;
  const size_t first = line > before + 1 ? line - before : 1;
  for (size_t at = first; at <= line + after && at <= lines.size(); ++at) {
    // Tabs at every fourth column keep kernel code within the width of a page.
    std::string shown_line;
    for (const char c : sanitize_for_terminal(lines[at - 1]))
      c == '\t' ? shown_line.append("    ") : shown_line += c;
    out.push_back(fmt::format("{} {:>6}  {}", at == line ? '>' : ' ', at, shown_line));
  }
  return out;
}

}  // namespace hangar::mail
