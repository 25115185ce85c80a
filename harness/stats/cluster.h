// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "harness/stats/interval.h"

// Runs that were restored from one saved guest are not independent of each other. Each saved guest is a
// group.
namespace hangar::stats {

struct Group {
  int hits = 0;
  int runs = 0;
};

// Whether all groups have the same rate: the exact test of a table of two columns (G. H. Freeman, J. H.
// Halton, Note on an exact treatment of contingency, goodness of fit and other problems of significance,
// Biometrika 38, 1951), as R's fisher.test does it.
struct Homogeneity {
  double p = 1;
  // All tables were enumerated. Else p is estimated from at most monte_carlo_draws random tables with a fixed
  // seed.
  bool exact = true;
};
inline constexpr int monte_carlo_draws = 100000;
[[nodiscard]] Homogeneity homogeneity(const std::vector<Group>& groups);

// Below this p the groups differ, and an interval of the rate takes them as its units.
inline constexpr double groups_differ_p = 0.05;

// The interval of the pooled rate with groups as the units: the ratio estimator's linearised variance between
// groups (W. G. Cochran, Sampling Techniques, 3rd edition 1977, section 3.12) and Student's t with one degree
// of freedom less than there are groups. Never narrower than exact_interval() of the pooled runs, and within
// 0 to 1. With fewer than two groups nothing is known between groups: 0 to 1.
[[nodiscard]] Interval cluster_interval(const std::vector<Group>& groups);

struct GroupStratum {
  std::vector<Group> first;
  std::vector<Group> second;
};

// Whether the first groups have the rate of the second ones, with groups as the units: the two-sided
// permutation test (R. A. Fisher, The Design of Experiments, 1935, section 21). p is the share of the ways to
// divide the groups of each stratum again in which the hits of the first ones are at least as far from their
// share of all hits; estimated from divisions_drawn ways with a fixed seed. With few groups it is never
// small: 3 against 3 have 20 ways, p is at least 0.1.
inline constexpr int divisions_drawn = 20000;
[[nodiscard]] double permutation_p(const std::vector<GroupStratum>& strata);

}  // namespace hangar::stats
