// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/log/crash/place.h"
#include "harness/log/crash/report.h"

// Which function a report is named after. Two questions: the innermost function that is not machinery
// (`inner`), and for hangs, where the stuck spot varies, the function that generic code had called (`outer`).
namespace hangar::log {

struct Blame {
  std::string function;   // empty: nothing found
  std::size_t index = 0;  // line in the report
};

// `source`: where the report places the function, `mm/slub.c:12`; this has priority over the name.
[[nodiscard]] bool is_machinery(std::string_view function, unsigned skip, std::string_view source = {});
[[nodiscard]] Blame blame_inner(const std::vector<ReportFrame>& frames, unsigned skip);
// `below`: what an interrupt came over is meant, whatever found the hang; else only a tick's interrupt is
// left out. Where the processor was, if that is not code which prints reports or copies memory: for a trace
// of nothing but infrastructure.
[[nodiscard]] Blame blame_instruction(const std::vector<ReportFrame>& frames);
[[nodiscard]] Blame blame_outer(const std::vector<ReportFrame>& frames, unsigned skip, bool below = false);

// The names under which a function may be filed: `__x64_sys_rmdir` is sys_rmdir, smp_call_function_single is
// smp_call_function. The first is the title's.
[[nodiscard]] std::vector<std::string> filed_as(std::string_view function);

}  // namespace hangar::log
