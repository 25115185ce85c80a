// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "harness/base/word.h"
#include "harness/nightly/series.h"
#include "harness/stats/interval.h"

// Whether two kernels have different rates: new runs of both in turns, so that what changes on the machine
// affects both. The test (stats/pairs.h) is valid after every pair, at whatever rate, and also if the rate
// that both have changes from pair to pair.
//
// False alarms. Each night may spend `alarms_per_night`: the k-th confirmation that is opened in a night gets
// the level alarms_per_night * 6 / (pi k)^2, whose sum over all k is alarms_per_night, so that it does not
// matter how many series a file has. A confirmation keeps its level until it ends, on whatever night. The
// level bounds the probability that it ever reports a difference of equal kernels (Ville's inequality). The
// expected number of false alarms of all series together is then at most 0.5 in 1,000 nights. Suspicions
// choose what is confirmed; their runs are not part of the test, they only set its first bets.
namespace hangar::nightly {
inline constexpr double alarms_per_night = 0.0005;
// Of the k-th confirmation of a night, from 1.
[[nodiscard]] double level_of(int k);

// How a confirmation is decided. It does not change while the confirmation is open.
struct Terms {
  double level = 0;
  bool rise = true;        // what is suspected
  double good_rate = 0.5;  // expected, for the first bets
  double bad_rate = 0.5;
};
// So many pairs the expected rates count as.
inline constexpr double expected_weight = 8;

struct Pair {
  Run good;
  Run bad;
};

// A confirmation that has not ended by then shows no difference.
inline constexpr int most_pairs = 100;
// A confirmation ends if a change of this size is rejected at unlikely_p. Ending early cannot cause alarms.
inline constexpr double smallest_change = 0.35;
inline constexpr double unlikely_p = 0.02;

enum class Answer : std::uint8_t { open, differ, equal };

struct Assessment {
  Answer answer = Answer::open;
  double p = 1;
  int pairs = 0;  // that count
  Tally good;
  Tally bad;
  double difference = 0;            // bad minus good
  stats::Interval interval{-1, 1};  // of the difference: a confidence sequence
  bool rose = false;
};

// Pairs with an excluded run do not count, nor do pairs with a run of a saved guest that an earlier pair
// used:
// runs of one guest are not independent.
[[nodiscard]] Assessment assess(const std::vector<Pair>& pairs, const Terms& terms);

}  // namespace hangar::nightly

template <>
inline constexpr auto hangar::words_of<hangar::nightly::Answer> =
    std::to_array<std::string_view>({"open", "differ", "equal"});
