// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/ranks.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/tools/toms748_solve.hpp>

namespace hangar::stats {
namespace {

struct Counts {
  double first = 0;
  double second = 0;
};

std::map<double, Counts> counted(const std::vector<double>& first, const std::vector<double>& second) {
  std::map<double, Counts> values;
  for (const double value : first) ++values[value].first;
  for (const double value : second) ++values[value].second;
  return values;
}

// The variance of the estimate if the probability is `theta`.
double variance_at(double theta, double first, double second) {
  const double half = (first + second) / 2 - 1;
  return theta * (1 - theta) * (1 + half * ((1 - theta) / (2 - theta) + theta / (1 + theta))) /
         (first * second);
}

// The value between `from` and `to` at which the estimate is just as far away as the interval's level allows.
double limit_between(double from, double to, double estimate, double first, double second) {
  const auto excess = [&](double theta) {
    return std::abs(theta - estimate) - normal_quantile() * std::sqrt(variance_at(theta, first, second));
  };
  if (excess(from) * excess(to) >= 0) return std::abs(from - estimate) > std::abs(to - estimate) ? from : to;
  std::uintmax_t steps = 200;
  const auto found = boost::math::tools::toms748_solve(excess, from, to,
                                                       boost::math::tools::eps_tolerance<double>(50), steps);
  return (found.first + found.second) / 2;
}

Interval interval_of(double estimate, double first, double second) {
  // At the estimate itself nothing is excluded, so that each side has one limit.
  constexpr double tiny = 1e-12;
  Interval interval{0, 1};
  if (estimate > 0) interval.low = limit_between(0, estimate - tiny * estimate, estimate, first, second);
  if (estimate < 1)
    interval.high = limit_between(estimate + tiny * (1 - estimate), 1, estimate, first, second);
  return interval;
}

}  // namespace

RankTest rank_test(const std::vector<double>& first, const std::vector<double>& second) {
  RankTest result;
  if (first.empty() || second.empty()) return result;
  const double m = static_cast<double>(first.size());
  const double n = static_cast<double>(second.size());
  double wins = 0;  // pairs in which the second is less; half for an equal one
  double second_below = 0;
  double ties = 0;
  for (const auto& [value, counts] : counted(first, second)) {
    wins += counts.first * (second_below + counts.second / 2);
    second_below += counts.second;
    const double equal = counts.first + counts.second;
    ties += equal * equal * equal - equal;
  }
  result.second_is_less = wins / (m * n);
  result.interval = interval_of(result.second_is_less, m, n);
  const double all = m + n;
  const double variance = m * n / 12 * (all + 1 - ties / (all * (all - 1)));
  if (all < 2 || variance <= 0) return result;
  const double distance = std::max(0.0, std::abs(wins - m * n / 2) - 0.5);
  const boost::math::normal normal;
  result.p =
      std::min(1.0, 2 * boost::math::cdf(boost::math::complement(normal, distance / std::sqrt(variance))));
  return result;
}

}  // namespace hangar::stats
