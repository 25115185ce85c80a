// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "harness/base/word.h"
#include "harness/nightly/nightly_file.h"
#include "harness/nightly/series.h"

// Which series run tonight, in which order and how often. A series that has waited for as many nights as the
// file's `rest` allows comes first, so that none is starved as long as half of a night's time for screening
// is enough for the share of series that become due in a night. Then suspicions and open findings, then what
// changed and has hung before, then what changed, then the same of kernels that are as before.
namespace hangar::nightly {

// In the order in which they run.
enum class Urgency : std::uint8_t { due, suspected, changed_hung, changed, hung, never_hung };

struct Candidate {
  Series series;
  bool suspected = false;  // or with an open finding
  bool changed = false;    // its kernel is another one than on the night before
  bool has_hung = false;
  int nights_waited = 1;       // since it last ran; 1: it ran last night
  double seconds_per_run = 0;  // expected
};

struct Planned {
  Series series;
  Urgency urgency = Urgency::never_hung;
  int runs = 0;
};

[[nodiscard]] Urgency urgency_of(const Candidate& candidate, int rest);

// Within `budget_s` seconds. Each gets the least number of runs in the order of urgency, then more up to the
// most if there is a suspicion or an open finding. What does not fit is left out.
[[nodiscard]] std::vector<Planned> plan(const std::vector<Candidate>& candidates, const Repeat& repeat,
                                        int rest, double budget_s);

// What a run and a build are expected to take at most without a history.
inline constexpr double unknown_run_s = 60;
inline constexpr double unknown_build_s = 600;

// The mean of the newest samples of the scenario on any target; without any, `unknown_s`.
[[nodiscard]] double expected_run_s(const std::vector<Sample>& history, const std::string& scenario,
                                    double unknown_s = unknown_run_s);

}  // namespace hangar::nightly

template <>
inline constexpr auto hangar::words_of<hangar::nightly::Urgency> =
    std::to_array<std::string_view>({"due", "suspected", "changed-hung", "changed", "hung", "never-hung"});
