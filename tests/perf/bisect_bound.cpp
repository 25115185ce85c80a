// SPDX-License-Identifier: GPL-2.0-only
#include "tests/perf/bisect_bound.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hangar::simulated {
namespace {

double x_log_x(double p) {
  return p <= 0 ? 0 : p * std::log(p);
}
double entropy(double p) {
  return -x_log_x(p) - x_log_x(1 - p);
}

double one_way(double p, double q) {
  const auto part = [](double a, double b) {
    if (a <= 0) return 0.0;
    return b <= 0 ? std::numeric_limits<double>::infinity() : a * std::log(a / b);
  };
  return part(p, q) + part(1 - p, 1 - q);
}

}  // namespace

double capacity(double rate, double false_alarms) {
  constexpr int steps = 20000;
  double best = 0;
  for (int i = 1; i < steps; ++i) {
    const double bad = static_cast<double>(i) / steps;
    const double noise = bad * entropy(rate) + (1 - bad) * entropy(false_alarms);
    best = std::max(best, entropy(bad * rate + (1 - bad) * false_alarms) - noise);
  }
  return best / std::log(2.0);
}

double divergence(double rate, double false_alarms) {
  // Without false alarms one hit is proof, but only misses are certain to come.
  if (false_alarms <= 0) return one_way(false_alarms, rate);
  return std::max(one_way(rate, false_alarms), one_way(false_alarms, rate));
}

double bound(int revisions, double rate, double false_alarms) {
  return 0.95 * std::log2(revisions) / capacity(rate, false_alarms) +
         std::log(20.0) / divergence(rate, false_alarms);
}

}  // namespace hangar::simulated
