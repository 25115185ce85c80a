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

// The smallest rate that is not rejected.
double low_limit(int hits, int runs) {
  if (hits == 0) return 0;
  constexpr double prior = 0.5;
  constexpr double below_any_limit = 1e-15;
  const double misses = runs - hits;
  // A rate is rejected where the mixture's likelihood is 1 / alpha times its own (Ville's inequality).
  const double least =
      log_beta(prior + hits, prior + misses) - log_beta(prior, prior) + std::log(1 - confidence_level);
  const auto margin = [&](double rate) {
    return hits * std::log(rate) + (misses > 0 ? misses * std::log1p(-rate) : 0) - least;
  };
  std::uintmax_t steps = 200;
  return boost::math::tools::toms748_solve(margin, below_any_limit, static_cast<double>(hits) / runs,
                                           boost::math::tools::eps_tolerance<double>(45), steps)
      .first;
}

}  // namespace

Interval sequence_interval(int hits, int runs) {
  if (runs <= 0) return {};
  return {low_limit(hits, runs), 1 - low_limit(runs - hits, runs)};
}

Interval next_in_sequence(const Interval& before, int hits, int runs) {
  const Interval now = sequence_interval(hits, runs);
  const Interval both{std::max(before.low, now.low), std::min(before.high, now.high)};
  return both.low <= both.high ? both : now;
}

}  // namespace hangar::stats
