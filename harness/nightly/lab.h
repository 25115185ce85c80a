// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/base/word.h"
#include "harness/nightly/nightly_file.h"
#include "harness/nightly/series.h"

// What a night does outside of its files: git, kernels, guests, mail and clocks. cli/ has the real one, tests
// and the simulator have others. An Error of one call:
//   fetch, build   this target is not tested tonight
//   run            the host failed: the night ends, and what is left is not tested. In a confirmation,
//                  Fault::unavailable means that one of its kernels is gone: only the confirmation ends
//   bisect         the finding has no culprit yet; another night tries again
//   send           the text counts as not sent; it is not repeated
// Fault::interrupted of any call ends the process; the night continues the next time.
namespace hangar::nightly {

struct Fetched {
  std::string revision;
  std::string subject;  // of its newest commit or patch; may be empty
};

struct Built {
  Kernel kernel;
  double seconds = 0;  // 0: it was in the cache
};

// Runs of one kernel. `step` names them: if an interrupted process has made runs of this step already, the
// Lab returns those and makes only what is missing.
struct RunOrder {
  Kernel kernel;
  std::string scenario;
  int runs = 1;
  std::string step;
  bool boot = false;  // each run boots: for a confirmation, runs of saved guests are not independent
  // Seconds of the budget that are left. A Lab may return less runs than were ordered once they have passed.
  double budget_s = 0;
};

struct Ran {
  std::vector<Run> runs;
  double seconds = 0;
};

struct BisectOrder {
  std::string target;
  std::string scenario;
  Kernel good;
  Kernel bad;
  // What the confirmation saw, and the seconds of a run.
  Tally good_runs;
  Tally bad_runs;
  double run_s = 0;
  bool fixed = false;   // the bad one hangs less often: what is sought is the change that fixed it
  double budget_s = 0;  // seconds that are left
  std::string likely;   // the culprit of another scenario on this target: the search begins there. "": none
  std::string step;     // an interrupted bisection with this name continues
};

enum class BisectAnswer : std::uint8_t { culprit, range, no_change, not_reproduced, undecided };

struct Bisected {
  BisectAnswer answer = BisectAnswer::undecided;
  std::string culprit;  // a commit or a patch; of a range the newest one
  std::string subject;
  bool verified = false;  // by runs of the culprit and its parent in turns
  std::string id;         // of the bisection; "": none was necessary
  // Where the search began, if the last good kernel is not an ancestor of the bad one, as in a branch that is
  // rebased: their merge base. "": at the last good kernel.
  std::string base;
};

class Lab {
 public:
  virtual ~Lab() = default;

  [[nodiscard]] virtual Result<Fetched> fetch(const Target& target) = 0;
  [[nodiscard]] virtual Result<Built> build(const Target& target, const std::string& revision) = 0;
  // The kernel that stays the reference.
  [[nodiscard]] virtual Result<Built> build_release(const std::string& kernel) = 0;
  // Builds the kernel first if it is no longer in the cache.
  [[nodiscard]] virtual Result<Ran> run(const RunOrder& order) = 0;
  [[nodiscard]] virtual Result<Bisected> bisect(const BisectOrder& order) = 0;
  [[nodiscard]] virtual Result<void> send(const std::string& text) = 0;
  // Whether any kernel has hung in the scenario, by its rates.yaml (rates.h).
  [[nodiscard]] virtual bool known_to_hang(const std::string& /*scenario*/) { return false; }
  // Monotonic. Budgets are measured with it only, so that a wall clock that jumps affects none.
  [[nodiscard]] virtual double seconds() = 0;
  // The wall clock's day, "2026-11-30". A label: nights are ordered by their numbers.
  [[nodiscard]] virtual std::string date() = 0;
  // Free bytes where runs and kernels are stored.
  [[nodiscard]] virtual std::uint64_t free_bytes() = 0;
};

}  // namespace hangar::nightly

template <>
inline constexpr auto hangar::words_of<hangar::nightly::BisectAnswer> =
    std::to_array<std::string_view>({"culprit", "range", "no-change", "not-reproduced", "undecided"});
