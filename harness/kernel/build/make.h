// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/build/toolchain.h"

namespace hangar::kernel {

// One call of the kernel's make, in <source>, with objects in <source>/obj: kbuild then names sources by
// relative paths, so that the two can move together. What is not fixed here (environment, time, user, host)
// is kept out.
struct Make {
  fs::path source;
  Toolchain tools;
  std::vector<std::string> targets;
  int jobs = 1;
  fs::path log;                                               // appended to
  std::function<void(const std::string& step)> on_step = {};  // "CC mm/oom_kill.o"
  std::map<std::string, std::string> environment = {};        // added to the caller's
};

// make's own failure is a user error (the kernel does not compile) with the first error lines and the log's
// path.
[[nodiscard]] Result<void> run_make(const Make& make);

// "CC      mm/oom_kill.o" behind two blanks, as kbuild announces a step; "" for any other line.
[[nodiscard]] std::string step_of(std::string_view line);
// Whether a line of the log is, or begins, what went wrong.
[[nodiscard]] bool is_error_line(std::string_view line);
// By the cores and the memory that this process may use.
[[nodiscard]] int default_jobs();

}  // namespace hangar::kernel
