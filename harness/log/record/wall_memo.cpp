// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/record/wall_memo.h"

#include "harness/log/record/prefix.h"
#include "harness/log/record/record.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t most_digits = 6;  // further ones are below a microsecond

// Behind the minutes of `03:54:03`; npos: there is no clock.
std::size_t seconds_at(std::string_view text) {
  const auto pair = [&](std::size_t at) { return is_digit(text[at]) && is_digit(text[at + 1]); };
  for (std::size_t at = 1; at + 5 < text.size(); ++at) {
    if (text[at] == ':' && pair(at + 1) && text[at + 3] == ':' && pair(at + 4)) return at + 4;
  }
  return std::string_view::npos;
}

std::int64_t number(std::string_view digits) {
  std::int64_t out = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return -1;
    out = out * 10 + (c - '0');
  }
  return out;
}

// Digits behind the mark, as microseconds.
std::int64_t micros(std::string_view digits) {
  std::int64_t out = number(digits);
  for (std::size_t i = digits.size(); out > 0 && i < most_digits; ++i) out *= 10;
  return out;
}

}  // namespace

// record.cpp has the clocks: a stamp that lost its bracket ends in the first bytes.
bool is_plain_message(std::string_view text) {
  constexpr std::size_t open_stamp = 24;
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return false;
  const char c = text[first];
  if (is_digit(c)) return text.substr(0, open_stamp).find(']') == std::string_view::npos;
  if (c == 'k') return !text.substr(first).starts_with("kern");
  return c != '[' && c != '<' && static_cast<unsigned char>(c) > ' ';
}

bool WallMemo::fits(std::string_view line) const {
  const auto end = before_.size() + 2 + fraction_;
  return !before_.empty() && line.size() > end + after_.size() && line.starts_with(before_) &&
         line.substr(end, after_.size()) == after_;
}

void WallMemo::learn(std::string_view line) {
  if (fits(line)) return;
  before_.clear();
  Record record;
  const auto rest = strip_prefixes(line, record);
  const auto head = line.substr(0, line.size() - rest.size());
  const auto at = seconds_at(head);
  if (record.clock != Clock::wall || at == std::string_view::npos) return;
  std::size_t end = at + 2;
  mark_ = end < head.size() && (head[end] == '.' || head[end] == ',') ? head[end] : '\0';
  fraction_ = 0;
  if (mark_ != '\0') {
    while (end + 1 + fraction_ < head.size() && is_digit(head[end + 1 + fraction_])) ++fraction_;
    if (fraction_ == 0 || fraction_ > most_digits) return;
    end += ++fraction_;
  }
  const auto seconds = number(head.substr(at, 2));
  const auto parts = fraction_ == 0 ? 0 : micros(head.substr(at + 3, fraction_ - 1));
  if (end == head.size()) return;
  before_ = head.substr(0, at);
  after_ = head.substr(end);
  minute_us_ = record.time_us - seconds * 1'000'000 - parts;
}

std::int64_t WallMemo::glance(std::string_view line) const {
  constexpr std::int64_t minute = 60;
  const auto at = before_.size();
  if (!fits(line) || !is_plain_message(line.substr(at + 2 + fraction_ + after_.size()))) return -1;
  const auto seconds = number(line.substr(at, 2));
  if (seconds < 0 || seconds >= minute) return -1;
  if (fraction_ == 0) return minute_us_ + seconds * 1'000'000;
  const auto parts = line[at + 2] == mark_ ? micros(line.substr(at + 3, fraction_ - 1)) : -1;
  return parts < 0 ? -1 : minute_us_ + seconds * 1'000'000 + parts;
}

}  // namespace hangar::log
