// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/build_cost.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <boost/math/statistics/linear_regression.hpp>

namespace hangar::bisect {
namespace {

double scaled(int distance) {
  return std::log2(1 + std::max(0, distance));
}

}  // namespace

void BuildCost::add(int distance, double seconds) {
  log_distance_.push_back(scaled(distance));
  seconds_.push_back(seconds);
}

void BuildCost::add_first(double seconds) {
  has_first_ = true;
  first_s_ = seconds;
}

double BuildCost::mean_s(double unknown) const {
  if (seconds_.empty()) return has_first_ ? first_s_ : unknown;
  return std::accumulate(seconds_.begin(), seconds_.end(), 0.0) / static_cast<double>(seconds_.size());
}

double BuildCost::expected_s(int distance, double unknown) const {
  const double mean = mean_s(unknown);
  if (static_cast<int>(seconds_.size()) < fitted_from) return mean;
  const auto [nearest, farthest] = std::minmax_element(log_distance_.begin(), log_distance_.end());
  if (*nearest == *farthest) return mean;
  const auto [intercept, slope] =
      boost::math::statistics::simple_ordinary_least_squares(log_distance_, seconds_);
  if (slope <= 0) return mean;  // noise: a build from farther away is not cheaper
  const double least = *std::min_element(seconds_.begin(), seconds_.end());
  return std::max(least, intercept + slope * scaled(distance));
}

}  // namespace hangar::bisect
