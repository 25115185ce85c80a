// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/base/version.h"

// Ranges of kernel versions, as `applies-to` has them: ">=6.1 <6.10".
namespace hangar::kernel {

// All terms must hold. A term compares as many numbers as it has: "<=6.1" holds for 6.1.192.
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
