// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "harness/compare/comparison.h"
#include "harness/stats/pairs.h"

// How often a comparison of simulated arms gives a false answer. Everything but the hang rate is drawn from
// one distribution for both arms, so that each exploratory answer is false, and each primary one if the rates
// are equal too.
namespace hangar::errors {

// What the runs of one scenario are drawn from.
struct Scenario {
  int first_runs = 0;
  int second_runs = 0;
  double first_rate = 0;
  double second_rate = 0;
  // The rate of both arms in the second half of their runs; none: it does not change.
  std::optional<double> later_rate;
  // So many runs are restored from one saved guest, of which half, at random, have the other rate.
  int runs_of_guest = 1;
  std::optional<double> other_rate;
};
using Design = std::vector<Scenario>;

// One scenario, or three with 0.5, 1 and 1.5 times the rate.
[[nodiscard]] Design equal_rates(double rate, int first_runs, int second_runs, int scenarios);
// Three scenarios of which the arms have 15 and 45, 30 and 30, 45 and 15 runs: pooled runs would differ.
[[nodiscard]] Design unequal_shares(double rate);
// The rate of both arms falls from 0.8 to 0.1 after half of the runs.
[[nodiscard]] Design drifting(int runs, int scenarios);
// Saved guests, so many runs of each, that hang at a rate of 0.1 or 0.9.
[[nodiscard]] Design differing_guests(int runs, int runs_of_guest, int scenarios);
// Each second rate is higher by `difference`.
[[nodiscard]] Design shifted(Design design, double difference);

using Random = std::mt19937_64;

// `hangs`: nothing but hangs, some of them censored. `all`: kills, crashes, findings and exit codes too.
enum class Detail : std::uint8_t { hangs, all };
[[nodiscard]] std::vector<compare::Arm> drawn_arms(const Design& design, Random& random,
                                                   Detail detail = Detail::all);

// The runs of both arms in pairs, one of each scenario in turn; each scenario has first_runs of them.
[[nodiscard]] std::vector<stats::RunPair> drawn_pairs(const Design& design, Random& random);
// The same pairs as two arms.
[[nodiscard]] std::vector<compare::Arm> arms_of(const std::vector<stats::RunPair>& pairs);

// After how many pairs the sequential question is answered; none: not by all of them.
[[nodiscard]] std::optional<int> pairs_until_answer(const std::vector<stats::RunPair>& pairs);
// The same by a comparison of growing arms after each pair.
[[nodiscard]] std::optional<int> pairs_until_compared(const std::vector<stats::RunPair>& pairs);

struct Share {
  int answers = 0;
  int trials = 0;
  [[nodiscard]] double value() const { return trials == 0 ? 0 : static_cast<double>(answers) / trials; }
  void add(bool answered) {
    answers += answered ? 1 : 0;
    ++trials;
  }
  Share& operator+=(const Share& other) {
    answers += other.answers;
    trials += other.trials;
    return *this;
  }
};

// Whether so many answers have a probability below 1/1000 if each trial gives one with probability `bound`.
[[nodiscard]] bool is_above(const Share& share, double bound);

struct FalseAnswers {
  Share primary;      // comparisons in which a primary question is answered by better or worse
  Share exploratory;  // ... in which any exploratory question is answered
};
[[nodiscard]] FalseAnswers compared(const Design& design, int trials, Random& random);

// The share of trials in which the sequential test of all pairs of the drawn arms finds a difference.
[[nodiscard]] Share compared_in_pairs(const Design& design, int trials, Random& random);

struct MarginAnswers {
  Share no_worse;
  Share worse;
};
[[nodiscard]] MarginAnswers compared_with_margin(const Design& design, double margin, int trials,
                                                 Random& random);

// The pairs that each trial needs, in ascending order; those that are not answered count one more than all
// pairs.
[[nodiscard]] std::vector<int> pairs_needed(const Design& design, int trials, Random& random);
// How many of these are answered within so many pairs, and how many pairs it takes on average if the rest
// stops there.
[[nodiscard]] Share answered_within(const std::vector<int>& needed, int pairs);
[[nodiscard]] double mean_pairs(const std::vector<int>& needed, int pairs);

}  // namespace hangar::errors
