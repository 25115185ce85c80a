// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/log/crash/crash_table.h"
#include "harness/log/crash/report.h"
#include "harness/log/infer/facts.h"

// Makes a Crash out of a report whose first line a row has matched.
namespace hangar::log {

[[nodiscard]] Crash name_crash(const Report& report, std::size_t header, const CrashRow& row);

}  // namespace hangar::log
