// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/record/prefix.h"

#include <algorithm>
#include <array>

#include "harness/log/record/scan.h"
#include "harness/log/record/wall.h"

namespace hangar::log {
namespace {

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
  std::int64_t micros = 0;
  constexpr Range unix_seconds{100'000'000, limits::seconds.most};
  if (!ahead.number(seconds, unix_seconds) || ahead.peek() != '.') return false;
  take_fraction(ahead, micros);
  if (!ahead.take(" ") || !host_and_tag(ahead)) return false;
  time_us = seconds * 1'000'000 + micros;
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
  record.kernel = true;
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
  record.kernel = value < 8;
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
  const bool dmesg = scan.peek() == '[';  // `dmesg -T`
  if (Wall wall; take_wall_stamp(scan, wall)) {
    record.time_us = wall.us();
    record.clock = Clock::wall;
    record.kernel = host_and_tag(scan);
    if (!record.kernel && !scan.take(" ")) scan.take("\t");
    record.kernel = record.kernel || dmesg;
    level(scan, record);
  } else if (unix_stamp(scan, record.time_us)) {
    record.clock = Clock::wall;
    record.kernel = true;
  } else if (scan.peek() == 'k' || scan.rest().starts_with(" kernel:[")) {
    record.kernel =
        host_and_tag(scan);  // `kernel: [ 12.345678] ...` whose stamp was cut off, or syslogd's broadcast
  }
  console_noise(scan);
  return scan.rest();
}

}  // namespace hangar::log
