// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/interval.h"

#include <cmath>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>

namespace hangar::stats {

double normal_quantile() {
  static const double z = boost::math::quantile(boost::math::normal(), (1 + confidence_level) / 2);
  return z;
}

Interval exact_interval(int hits, int runs) {
  if (runs <= 0) return {};
  using Binomial = boost::math::binomial_distribution<>;
  constexpr double tail = (1 - confidence_level) / 2;
  return {Binomial::find_lower_bound_on_p(runs, hits, tail),
          Binomial::find_upper_bound_on_p(runs, hits, tail)};
}

Interval score_interval(int hits, int runs) {
  if (runs <= 0) return {};
  const double z = normal_quantile();
  const double n = runs;
  const double rate = hits / n;
  const double middle = rate + z * z / (2 * n);
  const double spread = z * std::sqrt(rate * (1 - rate) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  // The limits of no hit and of hits only are 0 and 1 but for rounding.
  return {hits == 0 ? 0 : (middle - spread) / scale, hits == runs ? 1 : (middle + spread) / scale};
}

Interval interval_of_difference(double first_rate, const Interval& first, double second_rate,
                                const Interval& second) {
  const double difference = first_rate - second_rate;
  return {difference - std::hypot(first_rate - first.low, second.high - second_rate),
          difference + std::hypot(first.high - first_rate, second_rate - second.low)};
}

Interval difference_interval(int first_hits, int first_runs, int second_hits, int second_runs) {
  if (first_runs <= 0 || second_runs <= 0) return {-1, 1};
  return interval_of_difference(
      static_cast<double>(first_hits) / first_runs, score_interval(first_hits, first_runs),
      static_cast<double>(second_hits) / second_runs, score_interval(second_hits, second_runs));
}

}  // namespace hangar::stats
