// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <vector>

#include "harness/stats/interval.h"

// How often the intervals of harness/stats contain the truth. Coverage of rates is computed, not simulated.
namespace hangar::coverage {

using IntervalOf = std::function<stats::Interval(int hits, int runs)>;

// Rates in the middle of `count` equal parts of 0 to 1: 0.005, 0.015 ... 0.995 for 100.
[[nodiscard]] std::vector<double> grid(int count);

// Of a grid of true rates.
struct Coverage {
  double mean = 0;
  double worst = 1;
  double worst_rate = 0;
};

// An interval that is computed once, after `runs` runs: the binomial distribution is summed.
[[nodiscard]] Coverage once(const IntervalOf& interval, int runs, const std::vector<double>& rates);
// An interval that is computed after each of `runs` runs, where all of them must contain the rate: the
// distribution of the hits among the sequences that had no miss yet is carried from run to run.
[[nodiscard]] Coverage always(const IntervalOf& interval, int runs, const std::vector<double>& rates);

// An interval of the difference of two rates, first minus second, with `runs` runs each. Of all pairs of a
// rate and another.
using DifferenceIntervalOf = std::function<stats::Interval(int first_hits, int second_hits, int runs)>;
[[nodiscard]] stats::Interval newcombe_interval(int first_hits, int second_hits, int runs);
[[nodiscard]] stats::Interval score_difference_interval(int first_hits, int second_hits, int runs);
struct PairCoverage {
  double mean = 0;
  double worst = 1;
  double worst_first = 0;
  double worst_second = 0;
};
[[nodiscard]] PairCoverage difference(const DifferenceIntervalOf& interval, int runs,
                                      const std::vector<double>& first, const std::vector<double>& second);

// Weibull durations; those beyond a fixed time are censored, as if watching ended then. Shape 1 is the
// exponential. The interval of the median depends on the order of the durations only, so that with one seed
// all shapes have the same coverage.
struct Hangs {
  double shape = 1;
  double censored_share = 0;
  int events = 20;  // expected number of hangs that end
};
// The share of simulated samples in which the interval of the median contains the true one.
[[nodiscard]] double median(const Hangs& hangs, int samples, unsigned long seed);

}  // namespace hangar::coverage
