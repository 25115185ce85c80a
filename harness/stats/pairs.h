// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "harness/stats/interval.h"

// Two rates that are compared after every pair of runs, one run of each group, for as long as one likes. The
// error rates hold at all looks together: a wealth that bets on a difference has an expectation of at most 1
// as long as there is none, so that it reaches 1/p with a probability of at most p (R. J. Turner, A. Ly, P.
// D. Gruenwald, Generic E-variables for exact sequential k-sample tests that allow for optional stopping,
// Journal of Statistical Planning and Inference 230, 2024). Each bet is on the rates seen in the pairs before
// it.
namespace hangar::stats {

struct RunPair {
  bool first_hit = false;
  bool second_hit = false;
  int stratum = 0;  // bets are on the rates of the pair's own stratum
};

// The rates that the first bets are on, from anything but the pairs themselves, and how many pairs they count
// as. No expectation makes a false answer likelier; a good one makes a true answer come sooner.
struct ExpectedRates {
  double first = 0.5;  // above 0, below 1
  double second = 0.5;
  double weight = 1;
};

// The p value of "the rates are equal in each stratum", valid at every look.
[[nodiscard]] double equal_rates_p(const std::vector<RunPair>& pairs, const ExpectedRates& expected = {});

// The p value of "the second rate is higher by `margin` or more" in each stratum, valid at every look (R. J.
// Turner, P. D. Gruenwald, Exact anytime-valid confidence intervals for contingency tables and beyond,
// Statistics & Probability Letters 198, 2023).
[[nodiscard]] double not_worse_p(const std::vector<RunPair>& pairs, double margin);

// The differences, second rate minus first, that are not rejected: a 95% confidence sequence, to 1/1000. Of
// pairs of one stratum.
[[nodiscard]] Interval difference_sequence(const std::vector<RunPair>& pairs);

}  // namespace hangar::stats
