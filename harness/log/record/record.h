// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

// A record is one printk message as it came over the wire: what is left of a physical line once the prefixes
// that consoles, syslog, journald, dmesg and mail put in front are taken off. Views point into the line.
namespace hangar::log {

class StampMemo;

enum class Clock : std::uint8_t { none, printk, wall };

struct Record {
  std::string_view text;      // the message, without prefixes, trailing CR and blanks
  std::uint64_t line = 0;     // 1-based physical line of the decompressed input
  std::uint64_t offset = 0;   // byte offset of the message's piece of the line
  std::int64_t time_us = -1;  // microseconds of the clock; -1 when the line carries no stamp
  Clock clock =
      Clock::none;  // wall: ctime, ISO and syslog stamps (Unix time, or since 1 January without a year)
  int level = -1;   // 0..7 when `<6>` was there
  std::string_view caller;  // "T123" or "C1" (CONFIG_PRINTK_CALLER)
  bool spliced = false;     // the physical line held more than one message
  bool quoted = false;      // came with mail's `> `
  bool kernel = false;      // marked as the kernel's: `kernel:`, `<6>`, dmesg's stamp
  bool tagged = false;      // by `kernel:` behind the stamp, as in journalctl's short-monotonic

  [[nodiscard]] std::optional<double> time_s() const {
    return time_us < 0 ? std::nullopt : std::optional<double>(static_cast<double>(time_us) / 1e6);
  }
};

// Splits one physical line (without its newline) into its records, nearly always one. Console output of two
// CPUs on one line gives several, cut where a printk stamp starts. An empty line gives one with empty text.
void split_records(std::string_view line, std::uint64_t number, std::uint64_t offset,
                   std::vector<Record>& out);

// The record of a line that begins with a printk stamp and holds no second one, which the caller knows: what
// split_records makes of it, for less. False when it does not begin so.
[[nodiscard]] bool stamped_record(std::string_view line, std::uint64_t number, std::uint64_t offset,
                                  Record& out);

// The time of the only printk stamp of a line, at `at`, where the caller has found it. False if something of
// another shape in front of it may be a stamp, too.
[[nodiscard]] bool lone_stamp(std::string_view line, std::size_t at, StampMemo& memo, std::int64_t& time_us);

// A printk stamp `[   12.345678]` at the start of `text`: its length, or 0. The time goes to `time_us`.
[[nodiscard]] std::size_t printk_stamp(std::string_view text, std::int64_t& time_us);

}  // namespace hangar::log
