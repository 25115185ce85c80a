// SPDX-License-Identifier: GPL-2.0-only
#include "harness/verdict/expectation.h"

#include <fmt/format.h>

namespace hangar::verdict {

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
