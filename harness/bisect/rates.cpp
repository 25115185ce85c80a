// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/rates.h"

#include <cmath>

namespace hangar::bisect {
namespace {

constexpr double deterministic = 0.1;      // added to the probability of the last bad rate
constexpr double no_false_alarms = 0.6;    // the probability of the first good rate
constexpr double max_ratio = 0.4;          // of a good rate to the bad one
constexpr double max_false_alarms = 0.03;  // more hits than that are reproduced
constexpr double good_exponent = -0.2;     // of the good rates; below 0 the low ones are likelier

// Uniform: the width that each rate represents is half of the distance of its neighbours.
OfBad bad_prior() {
  OfBad prior = {};
  double sum = 0;
  for (std::size_t i = 0; i < prior.size(); ++i) {
    const double below = i == 0 ? bad_rates[0] / 2 : bad_rates[i - 1];
    const double above = i + 1 == prior.size() ? 1 : bad_rates[i + 1];
    sum += prior[i] = (above - below) / 2;
  }
  for (double& one : prior) one *= (1 - deterministic) / sum;
  prior.back() += deterministic;
  return prior;
}

// The good rates up to `most`.
OfGood good_prior(double most) {
  OfGood prior = {};
  double sum = 0;
  for (std::size_t i = 1; i < prior.size(); ++i) {
    if (good_rates[i] <= most) sum += prior[i] = std::pow(good_rates[i], good_exponent);
  }
  for (std::size_t i = 1; i < prior.size(); ++i) prior[i] *= sum > 0 ? (1 - no_false_alarms) / sum : 0;
  prior[0] = sum > 0 ? no_false_alarms : 1;
  return prior;
}

RatePrior make_prior() {
  RatePrior prior;
  const OfBad bad = bad_prior();
  for (std::size_t i = 0; i < bad.size(); ++i) {
    prior.pair[i] = good_prior(max_ratio * bad_rates[i]);
    for (double& one : prior.pair[i]) one *= bad[i];
  }
  prior.false_alarms = good_prior(max_false_alarms);
  return prior;
}

}  // namespace

const RatePrior& rate_prior() {
  static const RatePrior prior = make_prior();
  return prior;
}

}  // namespace hangar::bisect
