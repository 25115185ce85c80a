// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/log/crash/report.h"

// Which function a report is named after. Two questions: the innermost function that is not machinery
// (`inner`), and for hangs, where the stuck spot varies, the function that generic code had called (`outer`).
namespace hangar::log {

// What a report's class lets one skip besides what all do.
enum Skip : unsigned {
  skip_none = 0,
  skip_locks = 1U << 0,    // lock and wait primitives
  skip_alloc = 1U << 1,    // allocators
  skip_timers = 1U << 2,   // timer and interrupt dispatch
  skip_devices = 1U << 3,  // driver core and kobjects
  skip_crypto = 1U << 4,
  skip_printk = 1U << 5,
  skip_lists = 1U << 6,
  skip_any_alloc = 1U << 8,  // whatever has alloc in its name: a leak's caller is what matters
  skip_free = 1U << 7,       // generic destructors: iput, dput
  skip_proc = 1U << 9,       // who registers files in /proc
};

struct Blame {
  std::string function;   // empty: nothing found
  std::size_t index = 0;  // line in the report
};

[[nodiscard]] bool is_machinery(std::string_view function, unsigned skip);
[[nodiscard]] Blame blame_inner(const std::vector<ReportFrame>& frames, unsigned skip);
[[nodiscard]] Blame blame_outer(const std::vector<ReportFrame>& frames, unsigned skip);

// The names under which a function may be filed: `__x64_sys_rmdir` is sys_rmdir, smp_call_function_single is
// smp_call_function. The first is the title's.
[[nodiscard]] std::vector<std::string> filed_as(std::string_view function);

}  // namespace hangar::log
