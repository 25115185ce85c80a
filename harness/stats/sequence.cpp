// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/sequence.h"

#include <algorithm>
#include <cmath>

#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/toms748_solve.hpp>

namespace hangar::stats {
namespace {

double log_beta(double a, double b) {
  return boost::math::lgamma(a) + boost::math::lgamma(b) - boost::math::lgamma(a + b);
}

// x log(y), where 0 log(0) is 0.
double times_log(double x, double y) {
  return x == 0 ? 0 : x * std::log(y);
}

// The root of a function that is negative at `outside` and not at `inside`, rounded away from `inside`.
template <typename Function>
double root(Function&& function, double outside, double inside) {
  std::uintmax_t steps = 100;
  const double a = std::min(outside, inside);
  const double b = std::max(outside, inside);
  const auto found =
      boost::math::tools::toms748_solve(function, a, b, boost::math::tools::eps_tolerance<double>(45), steps);
  return outside < inside ? found.first : found.second;
}

}  // namespace

Interval sequence_interval(int hits, int runs) {
  if (runs <= 0) return {};
  constexpr double prior = 0.5;
  const double misses = runs - hits;
  // log(mixture likelihood) - log(1 / alpha): a rate with a smaller likelihood is rejected (Ville's
  // inequality).
  const double least =
      log_beta(prior + hits, prior + misses) - log_beta(prior, prior) + std::log(1 - confidence_level);
  const auto margin = [&](double rate) {
    return times_log(hits, rate) + times_log(misses, 1 - rate) - least;
  };
  // The logarithm's infinite values are no problem for comparisons, but they are for the solver.
  constexpr double edge = 1e-12;
  const double rate = static_cast<double>(hits) / runs;
  Interval interval;
  if (hits > 0) interval.low = root(margin, std::min(edge, rate / 2), rate);
  if (hits < runs) interval.high = root(margin, std::max(1 - edge, (1 + rate) / 2), rate);
  return interval;
}

Interval next_in_sequence(const Interval& before, int hits, int runs) {
  const Interval now = sequence_interval(hits, runs);
  const Interval both{std::max(before.low, now.low), std::min(before.high, now.high)};
  return both.low <= both.high ? both : now;
}

}  // namespace hangar::stats
