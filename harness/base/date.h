// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>

#include "harness/base/result.h"

// Points in time as users write them. All are UTC, as the ids of runs are.
namespace hangar {

struct Date {
  std::int64_t unix_s = 0;  // its beginning
  bool day = false;         // no time of day was given
};

// "2026-11-28", "2026-11-28T18:30" or "2026-11-28T18:30:05"; a blank may replace the T. Days that do not
// exist are refused.
[[nodiscard]] Result<Date> parse_date(std::string_view text);

}  // namespace hangar
