// SPDX-License-Identifier: GPL-2.0-only
#include "harness/patch/place.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::patch {
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

// Drops `fuzz` lines of context, first from the longer end, as in patch(1). False when there are not that
// many.
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

// The end of the file that a hunk is bound to. diff(1) gives as much context before a change as after it,
// except where the file begins or ends.
enum class Anchor { none, beginning, end };

Anchor anchor_of(const Hunk& hunk, const Sides& sides) {
  if (hunk.old_start <= 1 && sides.head < sides.tail) return Anchor::beginning;
  return sides.tail == 0 && sides.head > 0 ? Anchor::end : Anchor::none;
}

bool matches(const Views& text, size_t at, const std::vector<std::string>& wanted) {
  return at + wanted.size() <= text.size() &&
         std::equal(wanted.begin(), wanted.end(), text.begin() + static_cast<long>(at));
}

// The place nearest to `expected`, not before `from`, where all of `wanted` is; of two that are equally near
// the later one, as in patch(1) and git.
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

struct Likeliest {
  size_t at = 0;
  size_t score = 0;  // 0: none of the lines is in the file
};

// The place where most of the hunk's old lines are: longer lines say more than a brace.
Likeliest likeliest(const Views& text, size_t expected, const std::vector<std::string>& wanted) {
  Likeliest best{std::min(expected, text.empty() ? 0 : text.size() - 1), 0};
  const auto distance = [&](size_t at) {
    return std::labs(static_cast<long>(at) - static_cast<long>(expected));
  };
  for (size_t at = 0; at < text.size(); ++at) {
    size_t score = 0;
    for (size_t i = 0; i < wanted.size() && at + i < text.size(); ++i)
      score += text[at + i] == wanted[i] && trim(wanted[i]).size() > 2 ? trim(wanted[i]).size() : 0;
    const bool nearer = score == best.score && distance(at) < distance(best.at);
    if (score > 0 && (score > best.score || nearer)) best = {at, score};
  }
  return best;
}

// What is wrong at the likeliest place.
std::string difference(const Views& text, const Likeliest& place, const std::vector<std::string>& wanted) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    const size_t at = place.at + i;
    const std::string_view there = at < text.size() ? text[at] : std::string_view();
    if (there == wanted[i]) continue;
    if (at < text.size() && trim(there) == trim(wanted[i]))
      return fmt::format("line {} differs in its white space only: `{}`", at + 1, shown(there));
    if (place.score == 0)
      return fmt::format("none of its lines is in the file; it expects `{}`", shown(wanted[0]));
    if (at >= text.size()) return fmt::format("the file ends before `{}`", shown(wanted[i]));
    return fmt::format("line {} is `{}`, the patch expects `{}`", at + 1, shown(there), shown(wanted[i]));
  }
  return "its lines are only before those of the previous hunk";
}

class Placer {
 public:
  Placer(std::string_view text, const Tolerance& tolerance)
      : lines_(whole_lines(text)), tolerance_(tolerance) {}

  Placed run(const std::vector<Hunk>& hunks) {
    for (const Hunk& hunk : hunks) out_.hunks.push_back(place(hunk));
    copy_to(lines_.size());
    return std::move(out_);
  }

 private:
  Placement place(const Hunk& hunk) {
    const Sides sides = sides_of(hunk);
    const Anchor anchor = tolerance_.anchored ? anchor_of(hunk, sides) : Anchor::none;
    const long said = static_cast<long>(hunk.old_start) - (sides.before.empty() ? 0 : 1);
    const auto expected = static_cast<size_t>(std::max(0L, said + drift_));
    for (int fuzz = 0; hunk.whole() && fuzz <= tolerance_.max_fuzz; ++fuzz) {
      Sides trimmed = sides;
      size_t cut = 0;
      if (fuzz > 0 && !trim_context(trimmed, static_cast<size_t>(fuzz), cut)) break;
      const auto found = find(anchor, expected + cut, trimmed.before);
      if (!found) continue;
      drift_ = static_cast<long>(*found - std::min(cut, *found)) - said;
      take(*found, trimmed);
      const auto kind = fuzz > 0      ? Placement::Kind::fuzz
                        : drift_ != 0 ? Placement::Kind::offset
                                      : Placement::Kind::exact;
      return {kind, static_cast<size_t>(std::max(0L, said + drift_)) + 1, drift_, fuzz, {}};
    }
    const Likeliest best = likeliest(lines_, expected, sides.before);
    return {Placement::Kind::failed, best.at + 1, 0, 0, reason(hunk, sides, anchor, expected, best)};
  }

  [[nodiscard]] std::optional<size_t> find(Anchor anchor, size_t expected,
                                           const std::vector<std::string>& wanted) const {
    if (anchor == Anchor::none) return find_near(lines_, expected, done_, wanted);
    if (wanted.size() > lines_.size()) return std::nullopt;
    const size_t only = anchor == Anchor::beginning ? 0 : lines_.size() - wanted.size();
    return only >= done_ && matches(lines_, only, wanted) ? std::optional(only) : std::nullopt;
  }

  void copy_to(size_t end) {
    for (; done_ < end; ++done_) out_.text += lines_[done_];
  }

  void take(size_t at, const Sides& sides) {
    copy_to(at);
    for (const auto& line : sides.after) out_.text += line;
    done_ = at + sides.before.size();
  }

  [[nodiscard]] std::string reason(const Hunk& hunk, const Sides& sides, Anchor anchor, size_t expected,
                                   const Likeliest& best) const {
    if (!hunk.whole()) return "damaged, not tried: " + hunk.damage[0];
    if (lines_.empty()) return "the file is empty";
    if (!sides.after.empty() && sides.before != sides.after && find_near(lines_, expected, 0, sides.after))
      return "it seems to be applied already";
    if (anchor == Anchor::none) return difference(lines_, best, sides.before);
    const auto elsewhere = find_near(lines_, expected, 0, sides.before);
    if (!elsewhere) return difference(lines_, best, sides.before);
    return fmt::format("its lines are at line {}, not at the {} of the file", *elsewhere + 1,
                       anchor == Anchor::beginning ? "beginning" : "end");
  }

  Views lines_;
  Tolerance tolerance_;
  Placed out_;
  size_t done_ = 0;  // lines copied or replaced so far
  long drift_ = 0;   // where the last hunk was found, minus the place in its header
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
  return static_cast<size_t>(
      std::count_if(hunks.begin(), hunks.end(), [](const Placement& hunk) { return !hunk.applied(); }));
}

Placed place_hunks(std::string_view text, const std::vector<Hunk>& hunks, const Tolerance& tolerance) {
  return Placer(text, tolerance).run(hunks);
}

std::vector<std::string> source_around(std::string_view text, size_t line, size_t before, size_t after) {
  const Views lines = whole_lines(text);
  std::vector<std::string> out;
  const size_t first = line > before + 1 ? line - before : 1;
  for (size_t at = first; at <= line + after && at <= lines.size(); ++at) {
    const std::string_view whole = lines[at - 1];
    // Tabs at every fourth column keep kernel code within the width of a page.
    std::string shown_line;
    for (const char c : sanitize_for_terminal(whole.substr(0, whole.find_last_not_of("\r\n") + 1)))
      c == '\t' ? shown_line.append("    ") : shown_line += c;
    out.push_back(fmt::format("{} {:>6}  {}", at == line ? '>' : ' ', at, shown_line));
  }
  return out;
}

}  // namespace hangar::patch
