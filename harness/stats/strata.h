// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

#include "harness/stats/interval.h"
#include "harness/stats/survival.h"

// Two groups of runs that are compared within strata, for example within each scenario, and then together.
// Where the rates of the strata differ, pooled runs would compare the mixture and not the groups.
namespace hangar::stats {

struct Stratum {
  int first_hits = 0;
  int first_runs = 0;
  int second_hits = 0;
  int second_runs = 0;
};

// Whether the rates of the two groups differ (N. Mantel, W. Haenszel, Statistical aspects of the analysis of
// data from retrospective studies of disease, Journal of the National Cancer Institute 22, 1959), without
// continuity correction. None if no stratum has both a hit and a miss and runs of both groups.
[[nodiscard]] std::optional<double> mantel_haenszel_p(const std::vector<Stratum>& strata);

// The difference of two rates, second minus first, with the 95% interval of the differences that the score
// test does not reject (O. Miettinen, M. Nurminen, Comparative analysis of two rates, Statistics in Medicine
// 4, 1985), strata having the weights of Mantel and Haenszel. It holds with rates of 0 and 1 too.
struct RateDifference {
  double difference = 0;
  Interval interval = {-1, 1};
};
[[nodiscard]] RateDifference rate_difference(const std::vector<Stratum>& strata);

// The one-sided p value of the same test against "the second rate is higher by `margin` or more".
// None without a stratum that has runs of both groups.
[[nodiscard]] std::optional<double> not_worse_p(const std::vector<Stratum>& strata, double margin);

struct DurationStratum {
  std::vector<Duration> first;
  std::vector<Duration> second;
};
// log_rank() within each stratum; observed, expected and variance are sums over the strata.
[[nodiscard]] LogRank stratified_log_rank(const std::vector<DurationStratum>& strata);

}  // namespace hangar::stats
