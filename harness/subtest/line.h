// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/subtest/subtests.h"

// One line of a program that reports results.
namespace hangar::subtest {

struct Line {
  enum class Kind : std::uint8_t {
    other,
    result,   // `ok 1 name`
    bracket,  // `[PASS] name`, or `name ... [PASS]`; without a name it sums up what `title` began
    title,    // `running ./name` or `[RUN] name`
    plan,     // `1..4`
    version,  // `TAP version 13`
    bail_out
  } kind = Kind::other;
  std::size_t depth = 0;  // bytes of `# ` and of spaces before it
  bool numbered = false;
  std::string number;  // its digits
  Subtest test;        // of a result, a bracket or a title
  int planned = 0;     // of a plan
};

[[nodiscard]] Line read_line(std::string_view text);

}  // namespace hangar::subtest
