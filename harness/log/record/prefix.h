// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

#include "harness/log/record/record.h"

// What precedes the printk stamp: mail quotes, `<6>` levels, ISO, ctime and syslog stamps with host
// and `kernel:`, NUL and escape bytes of a console that was just opened.
namespace hangar::log {

// Takes the prefixes off and notes level, wall clock and quoting in `record`. The printk stamp stays.
[[nodiscard]] std::string_view strip_prefixes(std::string_view line, Record& record);

}  // namespace hangar::log
