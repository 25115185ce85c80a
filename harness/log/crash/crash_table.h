// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/log/crash/blame.h"
#include "harness/log/crash/report.h"

// The crash classes: one row each, first match wins. A row has the words that begin a report, how its title
// is made and what type it has.
namespace hangar::log {

// Where the blamed function comes from.
enum class By : std::uint8_t {
  nobody,      // the title names none
  inner,       // innermost frame of the trace
  outer,       // what generic code had called
  lock_at,     // `at: func+0x`, then the trace
  deadlock,    // the same, of the two locks; or where the lock became irq-safe
  backtrace,   // a leak's allocation
  page_owner,  // who allocated the page
};

// What a report must have, or else it is damaged.
enum class Needs : std::uint8_t { by_class, nothing, trace, broken };  // broken: it always is

enum class Place : std::uint8_t { start, anywhere };

// What replaces {1} in a title; the text behind the literal is `rest`.
using Extract = std::string (*)(std::string_view rest, const Report& report, std::size_t header);

struct CrashRow {
  std::string_view literal;
  Place place;
  std::string_view title;  // {f}: blamed function, {1}: extracted
  std::string_view type;
  By by;
  unsigned skip;
  std::string_view alternative;   // a second kind of title, or ""
  Extract extract;                // may be nullptr
  bool continues;                 // also part of a report that is already open: an oops behind its BUG line
  bool wide = false;              // for any kernel line: not lines without a stamp in a log that has stamps
  Needs needs = Needs::by_class;  // by_class: a trace when the title names a function
};

[[nodiscard]] const std::vector<CrashRow>& crash_rows();
// The row for a line, or nullptr. `rest` is set to the text behind the literal.
[[nodiscard]] const CrashRow* find_crash_row(std::string_view text, std::string_view& rest);
// All literals, for the prefilter.
[[nodiscard]] std::vector<std::string_view> crash_literals();

}  // namespace hangar::log
