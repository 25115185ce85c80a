// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// The form of a log: what a mailer, a terminal, a log shipper or a viewer did to the lines of a console. It
// is learned from the lines themselves: what most of them share is not the kernel's.
namespace hangar::log {

/// What precedes the kernel's stamp: its shape (shape.h), or its text if no number is in it.
struct Envelope {
  std::string shape;
  std::string text;  // empty: the shape counts
};

struct Form {
  bool records = false;     // of /dev/kmsg and netconsole: `6,1234,5678901,-;text`
  bool human = false;       // `dmesg -H`
  bool wall = false;        // only a wall clock, no printk stamps
  bool broadcasts = false;  // of syslogd: a few lines begin with ` kernel:[`
  bool marks = false;       // NO-BREAK SPACE, or escape sequences of a terminal
  bool doubled = false;     // each line is there twice
  bool newest_first = false;
  bool parts = false;     // of pstore: `Oops#1 Part21`
  bool hard = false;      // wrapped in the middle of words
  std::size_t width = 0;  // of wrapped lines; 0: not wrapped
  std::string quote;      // punctuation in front of every line
  std::string constant;   // words behind the wall clock of every line
  std::string json_key;   // the key of the message, if each line is a JSON object
  std::vector<Envelope> envelopes;

  /// The engine reads it as it is.
  [[nodiscard]] bool plain() const {
    return !(records || human || broadcasts || marks || doubled || newest_first || parts || width > 0) &&
           quote.empty() && constant.empty() && json_key.empty() && envelopes.empty();
  }
  /// The time of a line does not depend on the lines around it.
  [[nodiscard]] bool by_line() const {
    return !(human || wall || broadcasts || doubled || out_of_order() || width > 0) && constant.empty();
  }
  /// Its lines have to be put into another order, which needs the whole log.
  [[nodiscard]] bool out_of_order() const { return newest_first || parts; }
};

/// How many bytes of a log are looked at.
inline constexpr std::size_t survey_bytes = std::size_t{256} << 10;

/// Learns the form from the beginning of a log.
[[nodiscard]] Form survey(std::string_view start);

}  // namespace hangar::log
