// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/record/record.h"

#include <algorithm>
#include <array>

#include "harness/log/record/prefix.h"
#include "harness/log/record/scan.h"
#include "harness/log/record/stamp.h"
#include "harness/log/record/wall.h"

namespace hangar::log {

std::size_t printk_stamp(std::string_view text, std::int64_t& time_us) {
  if (text.size() >= usual_stamp_size && usual_stamp(text.data(), time_us)) return usual_stamp_size;
  // "[" blanks digits "." six digits "]": what print_time() has printed since 2.6.
  if (text.size() < 10 || text[0] != '[') return 0;
  std::size_t i = 1;
  while (i < text.size() && text[i] == ' ') ++i;
  const std::size_t digits = i;
  std::int64_t seconds = 0;
  while (i < text.size() && is_digit(text[i]) && i - digits < 10) seconds = seconds * 10 + (text[i++] - '0');
  if (i == digits || !limits::seconds.has(seconds) || i + 8 > text.size() || text[i] != '.' ||
      text[i + 7] != ']')
    return 0;
  std::int64_t micros = 0;
  for (std::size_t k = i + 1; k < i + 7; ++k) {
    if (!is_digit(text[k])) return 0;
    micros = micros * 10 + (text[k] - '0');
  }
  time_us = seconds * 1'000'000 + micros;
  return i + 8;
}

namespace {

// `[    T123]`, `[  C1]`, also `[ T123]` behind a blank: print_caller(), since 5.1.
std::size_t caller_id(std::string_view text, std::string_view& caller) {
  std::size_t i = !text.empty() && text[0] == ' ' ? 1 : 0;
  if (i >= text.size() || text[i] != '[') return 0;
  ++i;
  while (i < text.size() && text[i] == ' ') ++i;
  const std::size_t start = i;
  if (i >= text.size() || (text[i] != 'T' && text[i] != 'C')) return 0;
  ++i;
  while (i < text.size() && is_digit(text[i]) && i - start < 12) ++i;
  if (i == start + 1 || i >= text.size() || text[i] != ']') return 0;
  caller = text.substr(start, i - start);
  return i + 1;
}

// The next place in the middle of a line where another message starts.
std::size_t next_stamp(std::string_view text, std::size_t from) {
  while (from < text.size()) {
    const auto at = text.find('[', from);
    if (at == std::string_view::npos) return at;
    std::int64_t ignored = 0;
    if (printk_stamp(text.substr(at), ignored) > 0) return at;
    from = at + 1;
  }
  return std::string_view::npos;
}

// `[  +0.000123]` and `[Oct12 15:43]` of `dmesg -H`, whose times need the lines before.
std::size_t human_stamp(std::string_view text) {
  Scan scan(text);
  Wall date;
  std::int64_t delta_us = 0;
  if (scan.peek() != '[' || (!take_human_delta(scan, delta_us) && !take_human_date(scan, date))) return 0;
  return text.size() - scan.rest().size();
}

// A stamp that shares its brackets with more: `[    1.234567 <    0.000012>]` of `dmesg -d`, a second clock,
// a CPU. Brackets right behind it belong to it.
std::size_t wide_stamp(std::string_view text, std::int64_t& time_us) {
  constexpr std::size_t longest = 64;
  const auto head = text.substr(0, longest);
  const auto mark = head.find_first_not_of("0123456789.", head.find_first_not_of("[ "));
  const auto close = head.find(']');
  if (close == std::string_view::npos || mark >= close || is_word(head[mark])) return 0;
  const auto stamp = std::string(head.substr(0, mark)) + "]";
  if (printk_stamp(stamp, time_us) != stamp.size()) return 0;
  std::string_view caller;
  if (close + 1 >= head.size() || head[close + 1] != '[' || caller_id(text.substr(close + 1), caller) > 0)
    return close + 1;
  const auto second = head.find(']', close + 1);
  return second == std::string_view::npos ? close + 1 : second + 1;
}

// `12.345678] `: a stamp that lost its bracket where the text was copied.
std::size_t open_stamp(std::string_view text, std::int64_t& time_us) {
  const auto close = text.substr(0, 24).find(']');
  const auto first = text.find_first_not_of(' ');
  if (close == std::string_view::npos || !is_digit(text[first])) return 0;
  const auto stamp = "[" + std::string(text.substr(0, close + 1));
  return printk_stamp(stamp, time_us) == stamp.size() ? close + 1 : 0;
}

// What printk_stamp() does not know, at the start of a line.
std::size_t other_stamp(std::string_view text, std::int64_t& time_us) {
  if (text.empty()) return 0;
  return text.front() == '[' ? wide_stamp(text, time_us) : open_stamp(text, time_us);
}

// `host kernel: ` or `kernel: ` behind the stamp, as journalctl's short-monotonic has it.
std::size_t kernel_tag(std::string_view text) {
  constexpr std::string_view tag = "kernel: ";
  if (text.empty() || !is_word(text.front())) return 0;
  if (text.starts_with(tag)) return tag.size();
  const auto blank = text.find(' ');
  if (blank == 0 || blank > 64 || !text.substr(blank + 1).starts_with(tag)) return 0;  // npos too
  return blank + 1 + tag.size();
}

// Takes the stamp (`own` bytes, already read) and the caller off.
void finish(Record& record, std::string_view text, std::size_t own, std::int64_t time_us) {
  std::size_t human = 0;
  if (own == 0) {
    human = human_stamp(text);
    text.remove_prefix(human);
    record.kernel = record.kernel || human > 0;
  }
  if (own > 0) {
    record.time_us = time_us;
    record.clock = Clock::printk;
    text.remove_prefix(own);
  }
  const auto caller = caller_id(text, record.caller);
  text.remove_prefix(caller);
  if (own + human + caller > 0 && !text.empty() && text.front() == ' ') text.remove_prefix(1);
  const auto tag = own > 0 ? kernel_tag(text) : 0;
  record.tagged = tag > 0;
  text.remove_prefix(tag);
  record.text = trim_right(text);
}

}  // namespace

bool stamped_record(std::string_view line, std::uint64_t number, std::uint64_t offset, Record& out) {
  std::int64_t time_us = -1;
  const auto own = printk_stamp(line, time_us);
  if (own == 0) return false;
  out.line = number;
  out.offset = offset;
  finish(out, line, own, time_us);
  return true;
}

namespace {

// One of eight bytes is `[` or `]` (or one of two others), which differ in two bits.
bool may_have_bracket(std::uint64_t bytes) {
  constexpr std::uint64_t every = 0x0101010101010101;
  const std::uint64_t v = (bytes & (every * 0xf9)) ^ (every * 0x59);
  return ((v - every) & ~v & stamp::high_bits) != 0;
}

bool has_no_bracket(std::string_view text) {
  constexpr std::size_t step = sizeof(std::uint64_t);
  if (text.size() < step) return text.find_first_of("[]") == std::string_view::npos;
  for (std::size_t at = 0; at + step < text.size(); at += step) {
    if (may_have_bracket(stamp::eight_bytes(text.data() + at))) return false;
  }
  return !may_have_bracket(stamp::eight_bytes(text.data() + text.size() - step));
}

// wide_stamp() or open_stamp() may find a stamp in front of `at`.
bool other_stamp_before(std::string_view line, std::size_t at) {
  const auto prefix = line.substr(0, at);
  // wide_stamp()
  for (auto i = prefix.find('['); i != std::string_view::npos; i = prefix.find('[', i + 1)) {
    if (line[i + 1] == ' ' || line[i + 1] == '[' || is_digit(line[i + 1])) return true;
  }
  // open_stamp()
  constexpr std::size_t fraction = 7;
  for (auto i = prefix.find(']', fraction); i != std::string_view::npos; i = prefix.find(']', i + 1)) {
    if (prefix[i - fraction] == '.' && is_digit(prefix[i - 1])) return true;
  }
  return false;
}

}  // namespace

bool lone_stamp(std::string_view line, std::size_t at, StampMemo& memo, std::int64_t& time_us) {
  if (at >= line.size()) return false;
  if (!has_no_bracket(line.substr(0, at)) && other_stamp_before(line, at)) return false;
  if (line.size() - at >= usual_stamp_size && memo.usual_stamp(line.data() + at, time_us)) return true;
  return printk_stamp(line.substr(at), time_us) > 0;
}

void split_records(std::string_view line, std::uint64_t number, std::uint64_t offset,
                   std::vector<Record>& out) {
  Record record;
  record.line = number;
  record.offset = offset;
  std::string_view rest = strip_prefixes(line, record);
  bool spliced = false;
  for (;;) {
    std::int64_t time_us = -1;
    auto own = printk_stamp(rest, time_us);
    if (own == 0) own = other_stamp(rest, time_us);
    const auto cut = next_stamp(rest, own);
    const bool last = cut == std::string_view::npos;
    // A `<4>` in front of the next stamp belongs to the next message.
    const bool level = !last && cut >= own + 3 && rest[cut - 1] == '>' && rest[cut - 3] == '<';
    const auto piece = last ? rest : rest.substr(0, level ? cut - 3 : cut);
    record.spliced = spliced || !last;
    if (last || !piece.empty()) {
      finish(record, piece, own, time_us);
      out.push_back(record);
      spliced = true;
    }
    if (last) return;
    Record next;
    next.line = number;
    next.offset = offset + static_cast<std::uint64_t>(rest.data() + cut - line.data());
    next.quoted = record.quoted;
    record = next;
    rest.remove_prefix(cut);
  }
}

}  // namespace hangar::log
