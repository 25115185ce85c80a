// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/factorial.h"

#include <array>
#include <bit>
#include <cmath>

namespace hangar::compare {
namespace {

// Which of the four basic factors each switch is the parity of: four alone, then all four products of three.
constexpr std::array<unsigned, 8> generators = {0b0001, 0b0010, 0b0100, 0b1000,
                                                0b0111, 0b1011, 0b1101, 0b1110};

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

verdict::Interval score_interval(int hits, int runs) {
  if (runs == 0) return {};
  constexpr double z = 1.959963984540054;
  const double n = runs;
  const double rate = hits / n;
  const double middle = rate + z * z / (2 * n);
  const double spread = z * std::sqrt(rate * (1 - rate) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {std::max(0.0, (middle - spread) / scale), std::min(1.0, (middle + spread) / scale)};
}

Effect effect_of(int which, const std::vector<Tally>& tallies) {
  std::array<int, 2> hung = {0, 0};
  std::array<int, 2> runs = {0, 0};
  for (const Tally& tally : tallies) {
    const size_t on = tally.mask >> which & 1u;
    hung.at(on) += tally.hung;
    runs.at(on) += tally.runs;
  }
  Effect effect;
  effect.runs_without = runs[0];
  effect.runs_with = runs[1];
  if (runs[0] == 0 || runs[1] == 0) {
    effect.interval = {-1, 1};
    return effect;
  }
  effect.without = static_cast<double>(hung[0]) / runs[0];
  effect.with = static_cast<double>(hung[1]) / runs[1];
  effect.difference = effect.with - effect.without;
  const verdict::Interval off = score_interval(hung[0], runs[0]);
  const verdict::Interval on = score_interval(hung[1], runs[1]);
  effect.interval = {effect.difference - std::hypot(effect.with - on.low, off.high - effect.without),
                     effect.difference + std::hypot(on.high - effect.with, effect.without - off.low)};
  return effect;
}

}  // namespace hangar::compare
