// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

// Kernel versions and ranges of them, as `applies-to` has them: ">=6.1 <6.10".
namespace hangar::kernel {

using Version = std::vector<int>;  // 6.1.192 is {6, 1, 192}

// The leading numbers of "6.1.192-2" or "7.2-rc3"; empty when there are none.
[[nodiscard]] Version parse_version(std::string_view text);

// {6, 1, 192} is "6.1.192".
[[nodiscard]] std::string dotted(const Version& version);

// All terms must hold. A term says something about as many numbers as it has: "<=6.1" holds for 6.1.192.
struct VersionRange {
  struct Term {
    std::string relation;  // one of < <= > >= =
    Version bound;
  };
  std::vector<Term> terms;  // none: any version

  [[nodiscard]] bool contains(const Version& version) const;
};

[[nodiscard]] Result<VersionRange> parse_range(std::string_view text);

}  // namespace hangar::kernel
