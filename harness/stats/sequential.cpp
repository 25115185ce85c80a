// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/sequential.h"

#include <cmath>
#include <vector>

namespace hangar::stats {
namespace {

RateDecision decide(const RateTest& test, int runs, int hangs) {
  if (runs < test.min_runs) return RateDecision::undecided;
  const double ratio = hangs * std::log(test.changed / test.known) +
                       (runs - hangs) * std::log((1 - test.changed) / (1 - test.known));
  if (ratio >= std::log((1 - test.missed) / test.false_alarm)) return RateDecision::changed;
  if (ratio <= std::log(test.missed / (1 - test.false_alarm))) return RateDecision::unchanged;
  return RateDecision::undecided;
}

}  // namespace

RateTest always_hung() {
  return {};
}

RateTest nearly_always_hung() {
  RateTest test;
  test.known = 0.85;
  test.max_runs = 60;
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
  if (decision_ == RateDecision::undecided) decision_ = decide(test_, runs_, hangs_);
}

Characteristic characteristic(const RateTest& test, double rate) {
  Characteristic result;
  std::vector<double> undecided = {1};  // by number of hangs so far
  for (int runs = 1; runs <= test.max_runs; ++runs) {
    std::vector<double> next(static_cast<size_t>(runs) + 1, 0);
    for (size_t hangs = 0; hangs < undecided.size(); ++hangs) {
      result.runs += undecided[hangs];
      next[hangs] += undecided[hangs] * (1 - rate);
      next[hangs + 1] += undecided[hangs] * rate;
    }
    for (size_t hangs = 0; hangs < next.size(); ++hangs) {
      const RateDecision decision = decide(test, runs, static_cast<int>(hangs));
      if (decision == RateDecision::changed) result.changed += next[hangs];
      if (decision != RateDecision::undecided) next[hangs] = 0;
    }
    undecided = std::move(next);
  }
  for (const double probability : undecided) result.undecided += probability;
  return result;
}

}  // namespace hangar::stats
