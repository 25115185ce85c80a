// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/log/form/form.h"
#include "harness/log/form/unwrap.h"
#include "harness/log/record/record.h"
#include "harness/log/record/stamp.h"

namespace hangar::log {

/// A line without what its form has added.
struct Peeled {
  std::string text;  // the kernel's stamp and message
  std::int64_t wall_us = -1;
  bool stamped = false;        // a line of the log begins here
  std::size_t width = 0;       // of the line as it was wrapped, in characters
  std::size_t full_width = 0;  // with the blanks at its end
  std::optional<Fragment> fragment;
  bool flush = true;  // the line begins with a character, not a blank
};

/// Takes the form off each line. Keeps the time of `dmesg -H`, so the lines come in order.
class Peeler {
 public:
  explicit Peeler(const Form& form) : form_(form), json_start_("\"" + form.json_key + "\":\"") {}
  [[nodiscard]] Peeled peel(std::string_view line);
  /// Characters of the message may be hidden in escapes or marks.
  [[nodiscard]] bool hides(std::string_view line) const;
  /// Without peeling: the printk time of a line that hides nothing and whose only stamp is at `at` (0: at its
  /// start, or it has none).
  [[nodiscard]] bool time_of(std::string_view line, std::size_t at, std::int64_t& time_us);

 private:
  void unwrap(Peeled& line);
  void envelope(Peeled& line) const;
  void human(Peeled& line);
  void constant(Peeled& line) const;

  const Form& form_;
  std::string json_start_;  // in front of a message
  StampMemo stamps_;
  std::int64_t human_us_ = 0;
  std::vector<Record> records_;
};

/// ` kernel:[ 3084.876589] text`: what syslogd writes to each terminal.
[[nodiscard]] bool is_broadcast(std::string_view text);
/// Where the first printk stamp of the text is; npos: it has none.
[[nodiscard]] std::size_t find_stamp(std::string_view text);
/// Without the marks of terminals and browsers: NO-BREAK SPACE, escape sequences, CR.
[[nodiscard]] std::string without_marks(std::string_view line);

}  // namespace hangar::log
