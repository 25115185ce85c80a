// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/run/executor.h"

// One step of `git bisect run`: is this revision good, bad, or untestable (skip).
namespace hangar::experiment {

// What `git bisect run` does with an exit status (git-bisect(1)): 0 good, 125 skip, 128 and above stop, the
// rest bad.
inline constexpr int bisect_good = 0;
inline constexpr int bisect_bad = 1;
inline constexpr int bisect_skip = 125;
inline constexpr int bisect_stop = 128;
inline constexpr int bisect_interrupted = 130;

struct BisectAnswer {
  int status = bisect_stop;
  std::string why;                    // one line
  std::optional<run::Report> report;  // when guests ran
};

// Runs the request's scenario on its kernel, a tree that no scenario names: it is judged by the scenario's
// default, or by --expect. A revision that cannot be built, does not boot or cannot run the program, and a
// host in trouble are skipped; what would be wrong at any other revision too stops.
[[nodiscard]] BisectAnswer bisect_step(const run::Request& request, run::Observer& observer);

// An error before any revision was looked at: the same next time.
[[nodiscard]] int bisect_status_of_input(const Error& error);
// One bad run makes a revision bad, whatever the others did; good takes that all were judged, and good.
[[nodiscard]] BisectAnswer bisect_answer(const run::Report& report);

}  // namespace hangar::experiment
