// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/record.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "harness/log/prefix.h"
#include "harness/log/scan.h"

namespace hangar::log {

namespace {

// The usual width, `[%5lu.%06lu]`, without a loop over digits that branches: most of a log's stamps.
bool usual_stamp(const char* t, std::int64_t& time_us) {
  if (t[0] != '[' || t[6] != '.' || t[13] != ']') return false;
  const auto digit = [&](int i) { return static_cast<unsigned>(static_cast<unsigned char>(t[i])) - '0'; };
  std::int64_t seconds = 0;
  bool begun = false;
  for (int i = 1; i <= 5; ++i) {
    if (t[i] == ' ' && !begun) continue;
    if (digit(i) > 9) return false;
    begun = true;
    seconds = seconds * 10 + digit(i);
  }
  const unsigned largest = std::max({digit(7), digit(8), digit(9), digit(10), digit(11), digit(12)});
  if (!begun || largest > 9) return false;
  const unsigned high = digit(7) * 100 + digit(8) * 10 + digit(9);
  const unsigned low = digit(10) * 100 + digit(11) * 10 + digit(12);
  time_us = seconds * 1'000'000 + static_cast<std::int64_t>(high) * 1000 + low;
  return true;
}

}  // namespace

std::size_t printk_stamp(std::string_view text, std::int64_t& time_us) {
  if (text.size() >= 14 && usual_stamp(text.data(), time_us)) return 14;
  // "[" blanks digits "." six digits "]": what print_time() has printed since 2.6.
  if (text.size() < 10 || text[0] != '[') return 0;
  std::size_t i = 1;
  while (i < text.size() && text[i] == ' ') ++i;
  const std::size_t digits = i;
  std::int64_t seconds = 0;
  while (i < text.size() && is_digit(text[i]) && i - digits < 10) seconds = seconds * 10 + (text[i++] - '0');
  if (i == digits || i + 8 > text.size() || text[i] != '.' || text[i + 7] != ']') return 0;
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

// The next place in the middle of a line where a message of its own starts.
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

// Takes the stamp (`own` bytes, already read) and the caller off.
void finish(Record& record, std::string_view text, std::size_t own, std::int64_t time_us) {
  if (own > 0) {
    record.time_us = time_us;
    record.clock = Clock::printk;
    text.remove_prefix(own);
  }
  const auto caller = caller_id(text, record.caller);
  text.remove_prefix(caller);
  if (own + caller > 0 && !text.empty() && text.front() == ' ') text.remove_prefix(1);
  record.text = trim_right(text);
}

}  // namespace

void split_records(std::string_view line, std::uint64_t number, std::uint64_t offset,
                   std::vector<Record>& out) {
  Record record;
  record.line = number;
  record.offset = offset;
  std::string_view rest = strip_prefixes(line, record);
  bool spliced = false;
  for (;;) {
    std::int64_t time_us = -1;
    const auto own = printk_stamp(rest, time_us);
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
