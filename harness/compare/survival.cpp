// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/survival.h"

#include <algorithm>
#include <cmath>

namespace hangar::compare {
namespace {

constexpr double z = 1.959963984540054;  // of the normal distribution, 97.5%

// On the scale of log(-log(alive)) the estimate is close to normal and its interval stays within 0 and 1.
void add_interval(Step& step, double greenwood) {
  if (step.alive <= 0 || step.alive >= 1) {
    step.low = step.alive <= 0 ? 0 : step.alive;
    step.high = step.alive;
    return;
  }
  const double log_alive = std::log(step.alive);
  const double spread = z * std::sqrt(greenwood) / std::abs(log_alive);
  step.low = std::exp(log_alive * std::exp(spread));
  step.high = std::exp(log_alive * std::exp(-spread));
}

}  // namespace

std::vector<Step> survival(std::vector<Duration> durations) {
  // At the same time an end comes before a censoring: who was watched to then was at risk.
  std::sort(durations.begin(), durations.end(), [](const Duration& a, const Duration& b) {
    return a.seconds != b.seconds ? a.seconds < b.seconds : a.censored < b.censored;
  });
  std::vector<Step> steps;
  double alive = 1;
  double greenwood = 0;
  for (size_t i = 0; i < durations.size();) {
    const double at_risk = static_cast<double>(durations.size() - i);
    const double seconds = durations[i].seconds;
    double ended = 0;
    for (; i < durations.size() && durations[i].seconds == seconds; ++i)
      ended += durations[i].censored ? 0 : 1;
    if (ended == 0) continue;
    alive *= 1 - ended / at_risk;
    if (at_risk > ended) greenwood += ended / (at_risk * (at_risk - ended));
    steps.push_back({seconds, alive, 0, 1});
    add_interval(steps.back(), greenwood);
  }
  return steps;
}

Quantile quantile(const std::vector<Step>& steps, double left) {
  Quantile result;
  for (const Step& step : steps) {
    if (!result.low && step.low <= left) result.low = step.seconds;
    if (!result.seconds && step.alive <= left) result.seconds = step.seconds;
    if (!result.high && step.high <= left) result.high = step.seconds;
  }
  return result;
}

}  // namespace hangar::compare
