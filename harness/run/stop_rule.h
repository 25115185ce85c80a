// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/stats/estimate.h"

// When a cell has been run often enough. Pure: nothing here runs anything.
namespace hangar::run {

struct StopRule {
  int at_most = 1;                        // attempts, whatever else is asked
  bool until_hang = false;                // the first hang is enough
  std::optional<double> until_confident;  // the hang rate's confidence sequence is no wider than this
  bool until_fail = false;                // the first failed run is enough (a step of a bisection)
};

// What one run contributes to the tally of its cell.
struct RunResult {
  enum class Kind { counted, not_run, host_trouble, interrupted } kind = Kind::counted;
  bool hung = false;
  bool failed = false;  // its guest booted, and its verdict is fail
};

// What is known of a cell's finished runs.
struct Tally {
  int attempts = 0;
  int runs = 0;             // attempts that show something about the kernel
  int hangs = 0;            // runs that hung
  int fails = 0;            // runs that failed
  int troubles_in_row = 0;  // the latest ones that only the host's trouble ended
  int not_run = 0;          // attempts whose kernel cannot run the program

  stats::Interval sequence;  // confidence sequence of the hang rate, continued by each of `runs`

  // Runs that the host failed, interrupted ones, and those whose kernel cannot run the program (not_run)
  // count as attempts only.
  void add(const RunResult& result);
};

// A host that fails this often in a row, or a kernel that cannot run the program this often, is not going to
// give an answer.
inline constexpr int troubles_to_give_up = 3;

// Why no further run is needed, as text; nothing: continue.
[[nodiscard]] std::optional<std::string> enough(const StopRule& rule, const Tally& tally);

// The hang rate with the interval that the rule allows. If the runs stopped at a hang or at a failed run,
// their number depends on the rate and there is no interval. If such a rule never applied, the number of runs
// was its fixed bound.
[[nodiscard]] stats::RateEstimate hang_rate(const StopRule& rule, const Tally& tally);

}  // namespace hangar::run
