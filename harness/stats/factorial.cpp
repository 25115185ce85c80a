// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/factorial.h"

#include <array>
#include <bit>
#include <cmath>

#include "harness/stats/interval.h"

namespace hangar::stats {
namespace {

// Which of the four basic factors each switch is the parity of: four alone, then all four products of three.
constexpr std::array<unsigned, 8> generators = {0b0001, 0b0010, 0b0100, 0b1000,
                                                0b0111, 0b1011, 0b1101, 0b1110};

// The mean rate of several settings, and how far it is to the limits of its interval.
struct Mean {
  int settings = 0;
  double rates = 0;
  double squares_below = 0;
  double squares_above = 0;

  void add(const SettingTally& tally) {
    const double own = static_cast<double>(tally.hung) / tally.runs;
    const Interval interval = score_interval(tally.hung, tally.runs);
    ++settings;
    rates += own;
    squares_below += std::pow(own - interval.low, 2);
    squares_above += std::pow(interval.high - own, 2);
  }
  [[nodiscard]] double rate() const { return rates / settings; }
  [[nodiscard]] double below() const { return std::sqrt(squares_below) / settings; }
  [[nodiscard]] double above() const { return std::sqrt(squares_above) / settings; }
};

}  // namespace

std::vector<std::uint32_t> sixteen_settings(int switches) {
  std::vector<std::uint32_t> masks;
  for (unsigned basic = 0; basic < 16; ++basic) {
    std::uint32_t mask = 0;
    for (int i = 0; i < switches; ++i) {
      if (std::popcount(basic & generators.at(static_cast<size_t>(i))) % 2 == 1) mask |= 1u << i;
    }
    masks.push_back(mask);
  }
  return masks;
}

std::vector<std::uint32_t> one_off_each(int switches) {
  const std::uint32_t all = (1u << switches) - 1;
  std::vector<std::uint32_t> masks;
  for (int i = 0; i < switches; ++i) masks.push_back(all & ~(1u << i));
  return masks;
}

Effect effect_of(int which, const std::vector<SettingTally>& tallies) {
  Effect effect;
  Mean with;
  Mean without;
  for (const SettingTally& tally : tallies) {
    if (tally.runs <= 0) continue;
    const bool on = (tally.mask >> which & 1u) != 0;
    (on ? with : without).add(tally);
    (on ? effect.runs_with : effect.runs_without) += tally.runs;
  }
  effect.settings_with = with.settings;
  effect.settings_without = without.settings;
  if (with.settings > 0) effect.with = with.rate();
  if (without.settings > 0) effect.without = without.rate();
  if (with.settings == 0 || without.settings == 0) return effect;
  effect.difference = effect.with - effect.without;
  effect.interval = {effect.difference - std::hypot(with.below(), without.above()),
                     effect.difference + std::hypot(with.above(), without.below())};
  return effect;
}

}  // namespace hangar::stats
