// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace hangar {

// How far the build of a kernel is.
struct BuildProgress {
  size_t done = 0;
  size_t total = 0;  // an estimate; never below `done`
  double elapsed_s = 0;
  std::optional<double> eta_s = std::nullopt;
  std::string current = {};  // "CC mm/oom_kill.o"
};

}  // namespace hangar
