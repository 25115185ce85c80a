// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/strata.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>

namespace hangar::stats {
namespace {

std::vector<Stratum> comparable(std::vector<Stratum> strata) {
  std::erase_if(strata, [](const Stratum& one) { return one.first_runs <= 0 || one.second_runs <= 0; });
  return strata;
}

double weight_of(const Stratum& one) {
  const double first = one.first_runs;
  const double second = one.second_runs;
  return first * second / (first + second);
}

double difference_in(const Stratum& one) {
  return static_cast<double>(one.second_hits) / one.second_runs -
         static_cast<double>(one.first_hits) / one.first_runs;
}

// The most likely rate of the first group if the second one's is higher by `difference`: the root of the
// cubic likelihood equation in closed form (Miettinen and Nurminen, appendix).
double likely_first_rate(const Stratum& one, double difference) {
  const double n1 = one.second_runs;
  const double n0 = one.first_runs;
  const double x1 = one.second_hits;
  const double x0 = one.first_hits;
  const double all = n1 + n0;
  const double hits = x1 + x0;
  const double l3 = all;
  const double l2 = (n1 + 2 * n0) * difference - all - hits;
  const double l1 = (n0 * difference - all - 2 * x0) * difference + hits;
  const double l0 = x0 * difference * (1 - difference);
  const double q = std::pow(l2, 3) / std::pow(3 * l3, 3) - l1 * l2 / (6 * l3 * l3) + l0 / (2 * l3);
  const double radicand = std::max(0.0, l2 * l2 / std::pow(3 * l3, 2) - l1 / (3 * l3));
  const double p = std::copysign(std::sqrt(radicand), q);
  const double ratio = p == 0 ? 0 : std::clamp(q / std::pow(p, 3), -1.0, 1.0);
  const double angle = (std::numbers::pi + std::acos(ratio)) / 3;
  const double rate = 2 * p * std::cos(angle) - l2 / (3 * l3);
  return std::clamp(rate, std::max(0.0, -difference), std::min(1.0, 1 - difference));
}

// Of the difference observed in a stratum, if the true one is `difference`.
double variance_in(const Stratum& one, double difference) {
  const double first = likely_first_rate(one, difference);
  const double second = std::clamp(first + difference, 0.0, 1.0);
  const double all = one.first_runs + one.second_runs;
  return (second * (1 - second) / one.second_runs + first * (1 - first) / one.first_runs) * all / (all - 1);
}

double pooled_difference(const std::vector<Stratum>& strata) {
  double sum = 0;
  double weights = 0;
  for (const Stratum& one : strata) {
    sum += weight_of(one) * difference_in(one);
    weights += weight_of(one);
  }
  return sum / weights;
}

// How many standard errors the observed difference is above `difference`.
double score(const std::vector<Stratum>& strata, double difference) {
  double excess = 0;
  double variance = 0;
  for (const Stratum& one : strata) {
    const double weight = weight_of(one);
    excess += weight * (difference_in(one) - difference);
    variance += weight * weight * variance_in(one, difference);
  }
  if (variance > 0) return excess / std::sqrt(variance);
  return excess == 0 ? 0 : std::copysign(HUGE_VAL, excess);
}

// The difference between `from` and `to` whose score is `wanted`. The score falls as the difference rises; it
// may be infinite at the ends, so that the range is halved.
double difference_at(const std::vector<Stratum>& strata, double from, double to, double wanted) {
  if (score(strata, from) <= wanted) return from;
  if (score(strata, to) >= wanted) return to;
  constexpr int halvings = 50;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (from + to) / 2;
    (score(strata, middle) > wanted ? from : to) = middle;
  }
  return (from + to) / 2;
}

}  // namespace

std::optional<double> mantel_haenszel_p(const std::vector<Stratum>& strata) {
  double excess = 0;
  double variance = 0;
  for (const Stratum& one : comparable(strata)) {
    const double all = one.first_runs + one.second_runs;
    const double hits = one.first_hits + one.second_hits;
    excess += one.first_hits - one.first_runs * hits / all;
    variance += one.first_runs / all * one.second_runs * hits / all * (all - hits) / (all - 1);
  }
  if (variance <= 0) return std::nullopt;
  return boost::math::cdf(boost::math::complement(boost::math::chi_squared(1), excess * excess / variance));
}

RateDifference rate_difference(const std::vector<Stratum>& strata) {
  const auto both = comparable(strata);
  RateDifference result;
  if (both.empty()) return result;
  result.difference = pooled_difference(both);
  result.interval = {difference_at(both, -1, result.difference, normal_quantile()),
                     difference_at(both, result.difference, 1, -normal_quantile())};
  return result;
}

std::optional<double> not_worse_p(const std::vector<Stratum>& strata, double margin) {
  const auto both = comparable(strata);
  if (both.empty()) return std::nullopt;
  return boost::math::cdf(boost::math::normal(), score(both, margin));
}

LogRank stratified_log_rank(const std::vector<DurationStratum>& strata) {
  LogRank sum;
  for (const DurationStratum& one : strata) {
    const LogRank here = log_rank(one.first, one.second);
    sum.observed += here.observed;
    sum.expected += here.expected;
    sum.variance += here.variance;
  }
  return with_ratio(sum);
}

}  // namespace hangar::stats
