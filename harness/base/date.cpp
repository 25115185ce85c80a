// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/date.h"

#include <charconv>
#include <chrono>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar {
namespace {

// The digits of `text` where `shape` has a 0; nothing if another character differs from the shape.
std::optional<std::string> digits_of(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    const bool is_blank = shape[i] == 'T' && text[i] == ' ';
    if (shape[i] == '0' ? !is_digit : text[i] != shape[i] && !is_blank) return std::nullopt;
    if (is_digit) digits += text[i];
  }
  return digits;
}

int number_in(std::string_view digits, std::size_t at, std::size_t count) {
  int number = 0;
  if (at < digits.size()) std::from_chars(digits.data() + at, digits.data() + at + count, number);
  return number;
}

}  // namespace

Result<Date> parse_date(std::string_view text) {
  std::optional<std::string> digits;
  for (const char* shape : {"0000-00-00", "0000-00-00T00:00", "0000-00-00T00:00:00"}) {
    if (!digits) digits = digits_of(text, shape);
  }
  const std::string_view all = digits ? std::string_view(*digits) : std::string_view();
  const std::chrono::year_month_day day(std::chrono::year(number_in(all, 0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number_in(all, 4, 2))),
                                        std::chrono::day(static_cast<unsigned>(number_in(all, 6, 2))));
  const int hour = number_in(all, 8, 2);
  const int minute = number_in(all, 10, 2);
  const int second = number_in(all, 12, 2);
  if (!digits || !day.ok() || hour > 23 || minute > 59 || second > 59) {
    return user_error(
        fmt::format("`{}` is not a date: write 2026-11-28 or 2026-11-28T18:30", sanitize_for_terminal(text)));
  }
  const auto since = std::chrono::sys_days(day).time_since_epoch() + std::chrono::hours(hour) +
                     std::chrono::minutes(minute) + std::chrono::seconds(second);
  return Date{std::chrono::duration_cast<std::chrono::seconds>(since).count(), all.size() == 8};
}

}  // namespace hangar
