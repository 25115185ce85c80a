// SPDX-License-Identifier: GPL-2.0-only
#include "harness/verdict/expectation.h"

#include <fmt/format.h>

namespace hangar::verdict {

bool is_empty(const RunExpectation& expected) {
  return !expected.hang && !expected.oom_kills && !expected.victims && !expected.crashes &&
         !expected.exit_code && !expected.exit_signal && !expected.any_exit && !expected.any_crashes &&
         !expected.progress && !expected.failed_tests && !expected.finding;
}

bool is_empty(const ExpectationGroup& expected) {
  return is_empty(expected.each_run) && is_empty(expected.each_hung_run) && !expected.cell.hang_rate;
}

bool requires_hang(const RunExpectation& expected) {
  if (!expected.hang || expected.hang->none) return false;
  const HangExpectation& hang = *expected.hang;
  if (hang.kind || hang.cause || hang.ended_by) return true;
  return hang.longest_s && !contains(*hang.longest_s, 0);
}

bool expects_crash(const RunExpectation& expected) {
  return expected.crashes && !expected.crashes->empty();
}

bool expects_hang(const ExpectationGroup& expected) {
  const auto& rate = expected.cell.hang_rate;
  return requires_hang(expected.each_run) || (rate && rate->at_least.value_or(0) > 0);
}

bool contains(const Range& range, double value) {
  return !(range.at_least && value < *range.at_least) && !(range.at_most && value > *range.at_most);
}

std::string to_text(const Range& range, const std::string& unit) {
  const auto value = [&](double number) { return fmt::format("{:g}{}", number, unit); };
  if (range.at_least && range.at_most) {
    if (*range.at_least == *range.at_most) return "exactly " + value(*range.at_least);
    return fmt::format("between {:g} and {}", *range.at_least, value(*range.at_most));
  }
  if (range.at_least) return "at least " + value(*range.at_least);
  if (range.at_most) return "at most " + value(*range.at_most);
  return "any";
}

}  // namespace hangar::verdict
