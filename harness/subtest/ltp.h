// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/subtest/subtests.h"

// The output of a test of the Linux Test Project (linux-test-project.readthedocs.io, "Test API"): a line
// `oom01.c:42: TPASS: text` of a C program, `name 1 TPASS: text` of a script, and at the end `Summary:` with
// the number of each kind. Both may be in colour.
namespace hangar::subtest {

class LtpReader {
 public:
  // The results that this line adds: nothing if it is not LTP's. Those that a summary counts and no line has
  // shown are added at its line: LTP_QUIET leaves lines out.
  [[nodiscard]] std::vector<Subtest> take(std::string_view text);

  static constexpr std::size_t kinds = 5;

 private:
  [[nodiscard]] std::vector<Subtest> take_total(std::string_view text);

  std::array<int, kinds> seen_ = {};  // since the last summary
  bool in_summary_ = false;
};

}  // namespace hangar::subtest
