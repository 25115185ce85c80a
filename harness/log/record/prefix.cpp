// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/record/prefix.h"

#include <algorithm>
#include <array>

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays = {"Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "};

// Days since 1970-01-01 of a proleptic Gregorian date.
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400;
  const std::int64_t yoe = year - era * 400;
  const std::int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

bool two_digits(Scan& scan, int& out) {
  const auto text = scan.rest();
  if (text.size() < 2 || !is_digit(text[0]) || !is_digit(text[1])) return false;
  out = (text[0] - '0') * 10 + (text[1] - '0');
  scan.cut(2);
  return true;
}

struct Wall {
  std::int64_t year = 1970;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t micros = 0;

  [[nodiscard]] bool valid() const {
    return year >= 1970 && year < 3000 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 &&
           minute < 60 && second < 61;
  }
  [[nodiscard]] std::int64_t us() const {
    return ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60'000'000 +
           second * 1'000'000LL + micros;
  }
};

bool clock_time(Scan& scan, Wall& wall) {
  return two_digits(scan, wall.hour) && scan.take(":") && two_digits(scan, wall.minute) && scan.take(":") &&
         two_digits(scan, wall.second);
}

void fraction(Scan& scan, Wall& wall) {
  if (!scan.take(".") && !scan.take(",")) return;
  std::int64_t scale = 100'000;
  while (is_digit(scan.peek())) {
    wall.micros += (scan.peek() - '0') * scale;
    scale /= 10;
    scan.cut(1);
  }
}

bool month_name(Scan& scan, Wall& wall) {
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (scan.take(months[i])) {
      wall.month = static_cast<int>(i) + 1;
      return scan.take(" ");
    }
  }
  return false;
}

bool weekday(Scan& scan) {
  for (const auto name : weekdays) {
    if (scan.take(name)) return true;
  }
  return false;
}

void zone(Scan& scan, Wall& wall) {
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
  wall.micros -= sign * (hours * 60LL + minutes) * 60'000'000;
  scan = ahead;
}

// `2026-01-02T03:04:05,678901+00:00` (dmesg and journalctl iso) and `2018/01/09 14:28:48`.
bool iso_stamp(Scan& scan, Wall& wall) {
  Scan ahead = scan;
  if (!ahead.number(wall.year) || (ahead.peek() != '-' && ahead.peek() != '/')) return false;
  ahead.cut(1);
  if (!two_digits(ahead, wall.month) || (ahead.peek() != '-' && ahead.peek() != '/')) return false;
  ahead.cut(1);
  if (!two_digits(ahead, wall.day) || (ahead.peek() != 'T' && ahead.peek() != ' ')) return false;
  ahead.cut(1);
  if (!clock_time(ahead, wall)) return false;
  fraction(ahead, wall);
  zone(ahead, wall);
  if (!wall.valid()) return false;
  scan = ahead;
  return true;
}

// `[Mon Oct 12 15:43:45 2015]`, what `dmesg -T` prints.
bool ctime_stamp(Scan& scan, Wall& wall) {
  Scan ahead = scan;
  if (!ahead.take("[") || !weekday(ahead) || !month_name(ahead, wall)) return false;
  ahead.blanks();
  if (!ahead.number(wall.day) || !ahead.take(" ") || !clock_time(ahead, wall) || !ahead.take(" "))
    return false;
  if (!ahead.number(wall.year) || !ahead.take("]") || !wall.valid()) return false;
  scan = ahead;
  return true;
}

// `Oct 12 15:43:45 `, syslog's and journalctl's stamp, which knows no year.
bool syslog_stamp(Scan& scan, Wall& wall) {
  Scan ahead = scan;
  if (!month_name(ahead, wall)) return false;
  ahead.blanks();
  if (!ahead.number(wall.day) || !ahead.take(" ") || !clock_time(ahead, wall)) return false;
  fraction(ahead, wall);
  if (!ahead.take(" ") || !wall.valid()) return false;
  scan = ahead;
  return true;
}

// `Mon 2026-01-02 03:04:05 UTC `, journalctl's short-full; the zone's name is not resolved.
bool full_stamp(Scan& scan, Wall& wall) {
  Scan ahead = scan;
  if (!weekday(ahead) || !iso_stamp(ahead, wall)) return false;
  ahead.blanks();
  if (ahead.peek() >= 'A' && ahead.peek() <= 'Z') ahead.word();
  scan = ahead;
  return true;
}

// `[2026-01-02 03:04:05.678] `, what terminal programs put in front of a serial console's lines.
bool bracketed_stamp(Scan& scan, Wall& wall) {
  Scan ahead = scan;
  if (!ahead.take("[") || !iso_stamp(ahead, wall) || !ahead.take("]")) return false;
  ahead.take(" ");
  scan = ahead;
  return true;
}

// `host kernel: ` or `host kernel[0]: ` or `kernel: `, or RFC 5424's `host kernel - - - `.
bool host_and_tag(Scan& scan) {
  Scan ahead = scan;
  ahead.blanks();
  if (!ahead.rest().starts_with("kernel")) {
    ahead.word();
    ahead.blanks();
  }
  if (!ahead.take("kernel")) return false;
  if (ahead.take(" - - - ")) {
    scan = ahead;
    return true;
  }
  if (ahead.take("[")) {
    std::uint64_t pid = 0;
    if (!ahead.number(pid) || !ahead.take("]")) return false;
  }
  if (!ahead.take(":")) return false;
  ahead.take(" ");
  scan = ahead;
  return true;
}

// `1767323045.678901 host kernel: `, journalctl's short-unix: a number alone would be anything.
bool unix_stamp(Scan& scan, std::int64_t& time_us) {
  Scan ahead = scan;
  std::int64_t seconds = 0;
  Wall micros;
  constexpr Range unix_seconds{100'000'000, limits::seconds.most};
  if (!ahead.number(seconds, unix_seconds) || ahead.peek() != '.') return false;
  fraction(ahead, micros);
  if (!ahead.take(" ") || !host_and_tag(ahead)) return false;
  time_us = seconds * 1'000'000 + micros.micros;
  scan = ahead;
  return true;
}

// `kern  :info  : `, what `dmesg -x` decodes.
void decoded_level(Scan& scan, Record& record) {
  constexpr std::array<std::string_view, 8> levels = {"emerg", "alert",  "crit", "err",
                                                      "warn",  "notice", "info", "debug"};
  Scan ahead = scan;
  if (!ahead.take("kern") && !ahead.take("user") && !ahead.take("daemon") && !ahead.take("syslog")) return;
  ahead.blanks();
  if (!ahead.take(":")) return;
  const auto word = ahead.name();
  const auto at = std::find(levels.begin(), levels.end(), word);
  ahead.blanks();
  if (at == levels.end() || !ahead.take(": ")) return;
  record.level = static_cast<int>(at - levels.begin());
  scan = ahead;
}

void level(Scan& scan, Record& record) {
  const auto text = scan.rest();
  if (text.size() < 3 || text[0] != '<' || !is_digit(text[1])) return;
  Scan ahead = scan;
  ahead.cut(1);
  int value = 0;
  if (!ahead.number(value) || !ahead.take(">") || value > 191) return;
  record.level = value & 7;
  scan = ahead;
}

void escape_sequence(Scan& scan) {
  scan.cut(1);
  if (!scan.take("[")) return;
  while (is_digit(scan.peek()) || scan.peek() == ';' || scan.peek() == '?') scan.cut(1);
  scan.cut(1);
}

void console_noise(Scan& scan) {
  for (;;) {
    const char c = scan.peek();
    if (scan.at_end()) return;
    if (c == '\0' || c == '\r') {
      scan.cut(1);
    } else if (c == '\x1b') {
      escape_sequence(scan);
    } else {
      return;
    }
  }
}

bool wall_stamp(Scan& scan, Wall& wall) {
  const char c = scan.peek();
  if (is_digit(c)) return iso_stamp(scan, wall);
  if (c == '[') return ctime_stamp(scan, wall) || bracketed_stamp(scan, wall);
  return c >= 'A' && c <= 'W' && (syslog_stamp(scan, wall) || full_stamp(scan, wall));
}

}  // namespace

std::string_view strip_prefixes(std::string_view line, Record& record) {
  if (line.size() > 5 && line[0] == '[' && (line[1] == ' ' || is_digit(line[1])) && line[5] != '-')
    return line;  // nearly always
  Scan scan(line);
  console_noise(scan);
  while (scan.peek() == '>') {
    record.quoted = true;
    scan.cut(1);
    scan.take(" ");
  }
  level(scan, record);
  decoded_level(scan, record);
  if (Scan version = scan; record.level >= 0 && version.take("1 ") && is_digit(version.peek()))
    scan = version;
  Wall wall;
  if (wall_stamp(scan, wall)) {
    record.time_us = wall.us();
    record.clock = Clock::wall;
    host_and_tag(scan);
    if (scan.peek() == ' ' && scan.rest().size() > 1) scan.cut(1);
    level(scan, record);
  } else if (unix_stamp(scan, record.time_us)) {
    record.clock = Clock::wall;
  } else if (scan.peek() == 'k') {
    host_and_tag(scan);  // a mail's `kernel: [ 12.345678] ...` whose stamp was cut off
  }
  console_noise(scan);
  return scan.rest();
}

}  // namespace hangar::log
