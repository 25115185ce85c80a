// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/facts.h"

// What a scenario expects of each run and of a cell, as plain data.
namespace hangar::verdict {

// A closed range; an absent end is open.
struct Range {
  std::optional<double> at_least;
  std::optional<double> at_most;
};

struct HangExpectation {
  bool none = false;                // `hang: none`
  std::optional<HangKind> kind;     // some hang of this kind
  std::optional<StallCause> cause;  // ... and cause
  std::optional<Range> longest_s;   // the longest (of that kind); without `kind`, no hang at all is 0 s long
  std::optional<HangEnd> ended_by;
};

struct RunExpectation {
  std::optional<HangExpectation> hang;
  std::optional<Range> oom_kills;
  // Roles (or comms of processes without one): these and no others were killed, each once or more;
  // `hog?` may have been.
  std::optional<std::vector<std::string>> victims;
  // Crash titles (a title that contains the text); empty: none at all.
  std::optional<std::vector<std::string>> crashes;
  // How the reproducer ends. At most one of these three is set; none: exit status 0 is expected (judge.h).
  std::optional<int> exit_code;
  std::optional<int> exit_signal;
  bool any_exit = false;               // `exit: any`: nothing is expected of its end, nor that it ends
  bool any_crashes = false;            // `crashes: any`
  std::optional<Range> progress;       // of the reproducer's own counter
  std::optional<Range> failed_tests;   // of those that the program reports; none: see judge_subtests()
  std::optional<std::string> finding;  // id of a finding that the log must show
};

struct CellExpectation {
  std::optional<Range> hang_rate;  // of 0..1
};

// Applies to the kernels named; none named: to all.
struct ExpectationGroup {
  std::vector<std::string> kernels;
  bool as_default = false;  // of kernels that no group names
  RunExpectation each_run;
  RunExpectation each_hung_run;  // of runs that hung, where chance decides whether one does
  CellExpectation cell;
};

// Whether anything is stated at all.
[[nodiscard]] bool is_empty(const RunExpectation& expected);
[[nodiscard]] bool is_empty(const ExpectationGroup& expected);
// Whether a run as expected hangs: a hang is required, not only allowed.
[[nodiscard]] bool requires_hang(const RunExpectation& expected);
// Whether a run as expected crashes: a title is stated.
[[nodiscard]] bool expects_crash(const RunExpectation& expected);
// Whether a kernel as expected hangs: in each run, or at a rate above zero.
[[nodiscard]] bool expects_hang(const ExpectationGroup& expected);

[[nodiscard]] bool contains(const Range& range, double value);
// "exactly 1", "at least 30 s", "between 2 and 3".
[[nodiscard]] std::string to_text(const Range& range, const std::string& unit = "");

}  // namespace hangar::verdict
