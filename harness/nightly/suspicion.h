// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

#include "harness/nightly/series.h"

// Whether a series has another rate than before. A screening test that compares the nights since a change
// with those before it, for changes up to `longest_window` nights ago: Fisher's exact test of each, without a
// correction, and the machine may have changed in between. It may be wrong often, because a suspicion costs
// runs and nothing else: only a confirmation (confirmation.h) is reported. Of several windows that differ the
// longest counts, because a kernel in between may have the change already, although its few runs did not show
// it.
namespace hangar::nightly {

inline constexpr double suspected_p = 0.05;
// More runs the same night decide whether there is a suspicion.
inline constexpr double doubted_p = 0.35;
// With the same kernel no confirmation follows: a change is taken for one of the machine.
inline constexpr double moved_p = 0.01;
inline constexpr int longest_window = 3;   // nights
inline constexpr int longest_memory = 14;  // nights in which the series ran

struct Suspicion {
  bool suspected = false;
  bool doubted = false;
  bool moved = false;
  double p = 1;       // of the window that is shown
  bool rose = false;  // the rate is higher than before
  Tally before;
  Tally recent;
  std::optional<Kernel> good;  // the newest kernel before the window
};

// `history`: the samples of a series in the order of nights, tonight's last. The eras of decisions bound what
// is compared.
[[nodiscard]] Suspicion suspicion_of(const std::vector<Sample>& history);

// Whether the newest nights of a series hang more often than the release did: for changes that are too slow
// for the comparison with the nights before.
[[nodiscard]] Suspicion suspicion_of_release(const std::vector<Sample>& history,
                                             const std::vector<Sample>& release);

}  // namespace hangar::nightly
