// SPDX-License-Identifier: GPL-2.0-only
#include "harness/verdict/rate.h"

#include <cmath>
#include <vector>

namespace hangar::verdict {
namespace {

// The upper end of the Clopper-Pearson interval, by bisection on the binomial tail P(X <= hits | rate)
// = 2.5%.
double upper_limit(int hits, int runs) {
  if (hits >= runs) return 1;
  double low = 0;
  double high = 1;
  for (int step = 0; step < 60; ++step) {
    const double rate = (low + high) / 2;
    double term = std::pow(1 - rate, runs);
    double tail = term;
    for (int k = 1; k <= hits; ++k) {
      term *= (runs - k + 1.0) / k * rate / (1 - rate);
      tail += term;
    }
    (tail > 0.025 ? low : high) = rate;
  }
  return (low + high) / 2;
}

RateSays decide(const RateTest& test, int runs, int hangs) {
  if (runs < test.least) return RateSays::undecided;
  const double ratio = hangs * std::log(test.changed / test.known) +
                       (runs - hangs) * std::log((1 - test.changed) / (1 - test.known));
  if (ratio >= std::log((1 - test.missed) / test.false_alarm)) return RateSays::changed;
  if (ratio <= std::log(test.missed / (1 - test.false_alarm))) return RateSays::as_before;
  return RateSays::undecided;
}

}  // namespace

Interval rate_interval(int hits, int runs) {
  if (runs == 0) return {};
  return {1 - upper_limit(runs - hits, runs), upper_limit(hits, runs)};
}

RateTest always_hung() {
  return {};
}

RateTest nearly_always_hung() {
  RateTest test;
  test.known = 0.85;
  test.most = 60;
  return test;
}

RateTest never_hung() {
  RateTest test;
  test.known = 0.05;
  return test;
}

void RateWatch::add(bool hung) {
  ++runs_;
  if (hung) ++hangs_;
  if (says_ == RateSays::undecided) says_ = decide(test_, runs_, hangs_);
}

Characteristic characteristic(const RateTest& test, double rate) {
  Characteristic result;
  std::vector<double> undecided = {1};  // by number of hangs so far
  for (int runs = 1; runs <= test.most; ++runs) {
    std::vector<double> next(static_cast<size_t>(runs) + 1, 0);
    for (size_t hangs = 0; hangs < undecided.size(); ++hangs) {
      result.runs += undecided[hangs];
      next[hangs] += undecided[hangs] * (1 - rate);
      next[hangs + 1] += undecided[hangs] * rate;
    }
    for (size_t hangs = 0; hangs < next.size(); ++hangs) {
      const RateSays says = decide(test, runs, static_cast<int>(hangs));
      if (says == RateSays::changed) result.changed += next[hangs];
      if (says != RateSays::undecided) next[hangs] = 0;
    }
    undecided = std::move(next);
  }
  for (const double probability : undecided) result.undecided += probability;
  return result;
}

}  // namespace hangar::verdict
