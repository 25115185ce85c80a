// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// Confidence intervals for a rate that is looked at once, after a number of runs that was fixed beforehand.
// For a rate that is looked at after every run see sequence.h. Quantiles and inverse beta functions are
// Boost.Math's.
namespace hangar::stats {

inline constexpr double confidence_level = 0.95;

struct Interval {
  double low = 0;
  double high = 1;
};

// The quantile of the standard normal distribution for a two-sided interval at confidence_level: 1.96.
[[nodiscard]] double normal_quantile();

// The exact interval of a rate after `hits` of `runs` (C. J. Clopper, E. S. Pearson, The use of confidence or
// fiducial limits illustrated in the case of the binomial, Biometrika 26, 1934). Its coverage is at least 95%
// at every true rate. 0 to 1 without runs.
[[nodiscard]] Interval exact_interval(int hits, int runs);

// The score interval of a rate (E. B. Wilson, Probable inference, the law of succession, and statistical
// inference, JASA 22, 1927). Its coverage is 95% on average over true rates, not at each of them.
[[nodiscard]] Interval score_interval(int hits, int runs);

// The interval of a difference of two rates, first minus second, from the interval of each (G. Y. Zou, W.
// Huang, X. Zhang, A note on confidence interval estimation for a linear function of binomial proportions,
// Computational Statistics & Data Analysis 53, 2009).
[[nodiscard]] Interval interval_of_difference(double first_rate, const Interval& first, double second_rate,
                                              const Interval& second);

// The interval of a difference of two rates, first minus second, by the hybrid score method (R. G. Newcombe,
// Interval estimation for the difference between independent proportions, Statistics in Medicine 17, 1998,
// method 10). Approximate, as the score interval is. -1 to 1 if one of them has no runs.
[[nodiscard]] Interval difference_interval(int first_hits, int first_runs, int second_hits, int second_runs);

}  // namespace hangar::stats
