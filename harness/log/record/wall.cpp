// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/record/wall.h"

#include <algorithm>
#include <array>

namespace hangar::log {
namespace {

// Three letters in one number, without their case.
constexpr std::uint32_t letters_of(std::string_view word) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 3; ++i) out = out << 8U | static_cast<unsigned char>(word[i]) | 0x20U;
  return out;
}

constexpr std::array months = {letters_of("jan"), letters_of("feb"), letters_of("mar"), letters_of("apr"),
                               letters_of("may"), letters_of("jun"), letters_of("jul"), letters_of("aug"),
                               letters_of("sep"), letters_of("oct"), letters_of("nov"), letters_of("dec")};
constexpr std::size_t longest_word = 24;   // of a month or weekday, in bytes
constexpr std::size_t longest_stamp = 64;  // in bytes
constexpr int most_words = 2;              // weekday and month

// Days since 1970-01-01 of a proleptic Gregorian date.
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400;
  const std::int64_t yoe = year - era * 400;
  const std::int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool two_digits(Scan& scan, int& out) {
  const auto text = scan.rest();
  if (text.size() < 2 || !is_digit(text[0]) || !is_digit(text[1])) return false;
  out = (text[0] - '0') * 10 + (text[1] - '0');
  scan.cut(2);
  return true;
}

// A number of one to four digits: its value and how many digits it has.
std::size_t short_number(Scan& scan, int& out) {
  const auto text = scan.rest();
  std::size_t n = 0;
  int value = 0;
  while (n < text.size() && n < 5 && is_digit(text[n])) value = value * 10 + (text[n++] - '0');
  if (n == 0 || n > 4) return 0;
  out = value;
  scan.cut(n);
  return n;
}

int month_of(std::string_view word) {
  if (word.size() < 3) return 0;
  const auto at = std::find(months.begin(), months.end(), letters_of(word));
  return at == months.end() ? 0 : static_cast<int>(at - months.begin()) + 1;
}

// Collects the parts of a stamp in the order in which they come.
class Parts {
 public:
  explicit Parts(Wall& wall) : wall_(wall) {}

  bool clock(Scan& scan) {
    Scan ahead = scan;
    if (has_clock_ || short_number(ahead, wall_.hour) > 2 || ahead.rest() == scan.rest()) return false;
    if (!ahead.take(":") || !two_digits(ahead, wall_.minute) || !ahead.take(":") ||
        !two_digits(ahead, wall_.second) || is_digit(ahead.peek()))
      return false;
    take_fraction(ahead, wall_.micros);
    zone(ahead);
    has_clock_ = true;
    scan = ahead;
    return true;
  }
  // `2026-01-02`, `2026/01/02`, `02.01.2026`.
  bool date(Scan& scan) {
    Scan ahead = scan;
    std::array<int, 3> numbers{};
    std::array<std::size_t, 3> digits{};
    char mark = '\0';
    for (std::size_t i = 0; i < 3; ++i) {
      if (i == 1) mark = ahead.peek();
      if (i > 0 && (ahead.peek() != mark || (mark != '-' && mark != '/' && mark != '.'))) return false;
      if (i > 0) ahead.cut(1);
      digits[i] = short_number(ahead, numbers[i]);
      if (digits[i] == 0) return false;
    }
    if (has_date_ || (digits[0] == 4) == (digits[2] == 4)) return false;
    const bool year_first = digits[0] == 4;
    wall_.year = numbers[year_first ? 0 : 2];
    wall_.month = numbers[1];
    wall_.day = numbers[year_first ? 2 : 0];
    has_date_ = true;
    scan = ahead;
    return true;
  }
  // A day `3` or `3.`, a year, a month `8月`.
  bool number(Scan& scan) {
    Scan ahead = scan;
    int value = 0;
    const auto digits = short_number(ahead, value);
    if (digits == 0 || digits == 3) return false;
    const bool month = is_letter(ahead.peek()) && (static_cast<unsigned char>(ahead.peek()) & 0x80U) != 0;
    if (month) word(ahead);
    ahead.take(".");
    const char next = ahead.peek();
    if (!ahead.at_end() && next != ' ' && next != ',' && next != ']') return false;
    if (digits == 4) {
      wall_.year = value;
      has_year_ = true;
    } else if (month) {
      wall_.month = value;
    } else if (!has_day_) {
      wall_.day = value;
      has_day_ = true;
    } else {
      return false;
    }
    scan = ahead;
    return true;
  }
  bool name(Scan& scan) {
    Scan ahead = scan;
    const auto text = word(ahead);
    if (text.empty() || text.size() > longest_word || ++words_ > most_words) return false;
    ahead.take(".");
    if (const int known = month_of(text); known > 0) {
      wall_.month = known;
    } else if (wall_.month == 0) {
      unknown_ = true;
    }
    scan = ahead;
    return true;
  }
  [[nodiscard]] bool complete() {
    if (wall_.month == 0 && unknown_ && has_day_) wall_.month = 1;
    return has_clock_ && (has_date_ || (has_day_ && words_ > 0)) && wall_.valid();
  }
  [[nodiscard]] bool has_clock() const { return has_clock_; }
  [[nodiscard]] bool has_date() const { return has_date_; }
  [[nodiscard]] bool has_year() const { return has_year_ || has_date_; }
  [[nodiscard]] int words() const { return words_; }

 private:
  static std::string_view word(Scan& scan) {
    std::size_t n = 0;
    while (n < scan.rest().size() && is_letter(scan.rest()[n])) ++n;
    return scan.cut(n);
  }
  void zone(Scan& scan) {
    if (scan.take("Z")) return;
    const int sign = scan.peek() == '+' ? 1 : scan.peek() == '-' ? -1 : 0;
    if (sign == 0) return;
    Scan ahead = scan;
    ahead.cut(1);
    int hours = 0;
    int minutes = 0;
    if (!two_digits(ahead, hours)) return;
    ahead.take(":");
    if (!two_digits(ahead, minutes)) return;
    wall_.micros -= sign * (hours * 60LL + minutes) * 60'000'000;
    scan = ahead;
  }

  Wall& wall_;
  bool has_clock_ = false;
  bool has_date_ = false;
  bool has_day_ = false;
  bool has_year_ = false;
  bool unknown_ = false;  // a name that may be a month
  int words_ = 0;
};

// Commas and blanks between the parts; an ISO stamp has a `T`.
void separators(Scan& scan, const Parts& parts) {
  scan.take(",");
  if (parts.has_date() && !parts.has_clock() && scan.peek() == 'T') scan.cut(1);
  scan.blanks();
}

// The parts up to the clock, and the year behind it. Without brackets, a name behind the clock is the host's.
bool parts_of(Scan& scan, bool bracketed, Wall& wall) {
  Parts parts(wall);
  const auto start = scan.rest().size();
  while (!scan.at_end() && start - scan.rest().size() < longest_stamp) {
    if (bracketed && scan.peek() == ']') break;
    if (parts.has_clock() && !bracketed) break;
    const bool taken = is_letter(scan.peek()) ? parts.name(scan)
                                              : parts.date(scan) || parts.clock(scan) || parts.number(scan);
    if (!taken) return false;
    if (!parts.has_clock() || bracketed) separators(scan, parts);
  }
  if (!parts.complete()) return false;
  if (bracketed) return true;
  // `Tue 2026-01-02 03:04:05 UTC`: journalctl's short-full names the zone.
  if (Scan ahead = scan; parts.has_date() && parts.words() > 0 && ahead.take(" ")) {
    std::size_t n = 0;
    while (n < ahead.rest().size() && ahead.rest()[n] >= 'A' && ahead.rest()[n] <= 'Z') ++n;
    ahead.cut(n);
    if (n > 1 && ahead.peek() == ' ') scan = ahead;
  }
  return scan.at_end() || scan.peek() == ' ' || scan.peek() == '\t';
}

bool month_and_day(Scan& scan, Wall& wall) {
  std::size_t n = 0;
  while (n < scan.rest().size() && is_letter(scan.rest()[n])) ++n;
  if (n == 0 || n > longest_word) return false;
  const int known = month_of(scan.cut(n));
  wall.month = known == 0 ? 1 : known;
  scan.take(".");
  scan.blanks();
  return short_number(scan, wall.day) > 0;
}

}  // namespace

std::int64_t Wall::us() const {
  return ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60'000'000 + second * 1'000'000LL +
         micros;
}

void take_fraction(Scan& scan, std::int64_t& micros) {
  if ((scan.peek() != '.' && scan.peek() != ',') || scan.rest().size() < 2 || !is_digit(scan.rest()[1]))
    return;
  scan.cut(1);
  std::int64_t scale = 100'000;
  while (is_digit(scan.peek())) {
    micros += (scan.peek() - '0') * scale;
    scale /= 10;
    scan.cut(1);
  }
}

bool take_wall_stamp(Scan& scan, Wall& wall) {
  Scan ahead = scan;
  Wall found;
  const bool bracketed = ahead.take("[");
  if (!bracketed && !is_letter(ahead.peek()) && !is_digit(ahead.peek())) return false;
  if (!parts_of(ahead, bracketed, found)) return false;
  if (bracketed && !ahead.take("]")) return false;
  wall = found;
  scan = ahead;
  return true;
}

bool take_human_date(Scan& scan, Wall& wall) {
  Scan ahead = scan;
  Wall found;
  if (!ahead.take("[")) return false;
  ahead.blanks();
  if (!month_and_day(ahead, found) || ahead.peek() != ' ') return false;
  ahead.blanks();
  if (!two_digits(ahead, found.hour) || !ahead.take(":") || !two_digits(ahead, found.minute)) return false;
  if (!ahead.take("]") || !found.valid()) return false;
  wall = found;
  scan = ahead;
  return true;
}

bool take_human_delta(Scan& scan, std::int64_t& delta_us) {
  Scan ahead = scan;
  std::int64_t seconds = 0;
  std::int64_t micros = 0;
  if (!ahead.take("[")) return false;
  ahead.blanks();
  if (!ahead.take("+") || !ahead.number(seconds, limits::seconds) || ahead.peek() != '.') return false;
  take_fraction(ahead, micros);
  if (!ahead.take("]")) return false;
  delta_us = seconds * 1'000'000 + micros;
  scan = ahead;
  return true;
}

}  // namespace hangar::log
