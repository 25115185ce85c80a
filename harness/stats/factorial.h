// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "harness/stats/interval.h"

// Which of several switches make a kernel hang, from runs that change many of them at once: a regular
// two-level fraction (G. E. P. Box, J. S. Hunter, The 2^(k-p) fractional factorial designs, Technometrics 3,
// 1961). In it every switch is on in half of the settings, whatever any other is.
namespace hangar::stats {

// The settings of a resolution IV fraction for up to eight switches: sixteen masks over the switches, bit i
// being switch i. No main effect is mixed up with a two-switch interaction. The first mask is 0 and the last
// has all on.
[[nodiscard]] std::vector<std::uint32_t> sixteen_settings(int switches);

// The settings that differ from "all on" in one switch: what that one contributes when all others help.
[[nodiscard]] std::vector<std::uint32_t> one_off_each(int switches);

// The runs of one setting.
struct SettingTally {
  std::uint32_t mask = 0;
  int runs = 0;
  int hung = 0;
};

// The effect of one switch: the mean hang rate of the settings with it on, minus that of the settings with it
// off. Every setting has the same weight whatever its number of runs, since the settings are balanced and the
// runs need not be. The 95% interval combines the score intervals of the settings (G. Y. Zou, W. Huang, X.
// Zhang, A note on confidence interval estimation for a linear function of binomial proportions,
// Computational Statistics & Data Analysis 53, 2009); with one setting on each side it is Newcombe's.
struct Effect {
  double with = 0;        // mean rate of the settings with the switch on
  double without = 0;     // ... off
  double difference = 0;  // with - without
  Interval interval = {-1, 1};
  int settings_with = 0;
  int settings_without = 0;
  int runs_with = 0;
  int runs_without = 0;
};

// The effect of switch `which` over all settings that have runs.
[[nodiscard]] Effect effect_of(int which, const std::vector<SettingTally>& tallies);

}  // namespace hangar::stats
