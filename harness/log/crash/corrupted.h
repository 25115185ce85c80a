// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/log/crash/crash_table.h"
#include "harness/log/crash/report.h"

// Whether a report is damaged or mixed with another so that its title is not to be trusted.
namespace hangar::log {

// The line where another report begins before this one has come to its own trace; report.size() when none
// does.
[[nodiscard]] std::size_t intruder(const Report& report, std::size_t header, const CrashRow& row);

// Why it is, or "". `blamed` is the line whose function the title names.
[[nodiscard]] std::string why_corrupted(const Report& report, std::size_t header, const CrashRow& row,
                                        std::size_t blamed);

}  // namespace hangar::log
