// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/verdict/rate.h"

// Which of several switches make a kernel hang, from runs that change many of them at once: a regular
// two-level fraction (G. E. P. Box, J. S. Hunter, The 2^(k-p) fractional factorial designs, Technometrics 3,
// 1961). In it every switch is on in half of the settings, whatever any other is.
namespace hangar::compare {

// The settings of a resolution IV fraction for up to eight switches: sixteen masks over the switches, bit i
// being switch i. No main effect is mixed up with a two-switch interaction. The first mask is 0 and the last
// has all on.
[[nodiscard]] std::vector<std::uint32_t> sixteen_settings(int switches);

// The settings that differ from "all on" in one switch: what that one contributes when all others help.
[[nodiscard]] std::vector<std::uint32_t> one_off_each(int switches);

struct Tally {
  std::uint32_t mask = 0;
  int runs = 0;
  int hung = 0;
};

struct Effect {
  double with = 0;             // hang rate with the switch on
  double without = 0;          // ... off
  double difference = 0;       // with - without
  verdict::Interval interval;  // its 95% interval: R. G. Newcombe's hybrid score method (Statistics in
                               // Medicine 17, 1998)
  int runs_with = 0;
  int runs_without = 0;
};

// The effect of switch `which` over all tallies.
[[nodiscard]] Effect effect_of(int which, const std::vector<Tally>& tallies);

// The score interval of one rate (E. B. Wilson, JASA 22, 1927), 95%.
[[nodiscard]] verdict::Interval score_interval(int hits, int runs);

}  // namespace hangar::compare
