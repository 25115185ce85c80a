// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>

#include "harness/log/record/scan.h"

// Wall-clock stamps, recognised by their shape: a time `03:54:03` and a date next to it, in any order and any
// language. The names of months are only known in English. The others count as January.
namespace hangar::log {

struct Wall {
  std::int64_t year = 1970;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t micros = 0;  // may be negative: the offset of the zone

  [[nodiscard]] bool valid() const {
    return year >= 1970 && year < 3000 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 &&
           minute < 60 && second < 61;
  }
  [[nodiscard]] std::int64_t us() const;  // Unix time
};

/// Takes a stamp: ISO, ctime, syslog, alone or in brackets.
[[nodiscard]] bool take_wall_stamp(Scan& scan, Wall& wall);
/// `[Jun 3 04:49] `, `[Oct12 15:43] `: the date of `dmesg -H`, in minutes.
[[nodiscard]] bool take_human_date(Scan& scan, Wall& wall);
/// `[  +0.000006] `: microseconds since the line before.
[[nodiscard]] bool take_human_delta(Scan& scan, std::int64_t& delta_us);
/// Digits behind `.` or `,` as microseconds; takes nothing if there are none.
void take_fraction(Scan& scan, std::int64_t& micros);

}  // namespace hangar::log
