// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/survival.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <boost/math/distributions/chi_squared.hpp>
#include <fmt/format.h>

namespace hangar::stats {
namespace {

// R's quantile.survfit compares shares with this tolerance.
constexpr double tolerance = 1.5e-8;

// Undefined at 0, where Greenwood's variance is infinite. `alive` is below 1: each step has an end.
std::optional<Interval> limits_of(double alive, double greenwood) {
  if (alive <= 0) return std::nullopt;
  const double log_alive = std::log(alive);
  const double spread = normal_quantile() * std::sqrt(greenwood) / std::abs(log_alive);
  return Interval{std::exp(log_alive * std::exp(spread)), std::exp(log_alive * std::exp(-spread))};
}

// The first time at which the curve that `value` takes from a step is at most `left`. An undefined value ends
// the curve.
template <typename Value>
std::optional<double> crossing(const SurvivalCurve& curve, double left, Value&& value) {
  std::optional<double> flat_from_s;
  for (const SurvivalStep& step : curve.steps) {
    const std::optional<double> share = value(step);
    if (!share) return flat_from_s;
    if (flat_from_s && *share < left - tolerance) return (*flat_from_s + step.seconds) / 2;
    if (*share < left - tolerance) return step.seconds;
    if (!flat_from_s && *share <= left + tolerance) flat_from_s = step.seconds;
  }
  if (flat_from_s) return (*flat_from_s + curve.last_s) / 2;
  return std::nullopt;
}

// The durations of one length.
struct SameLength {
  double first = 0;
  double all = 0;
  double first_ended = 0;
  double ended = 0;
};

std::map<double, SameLength> by_length(const std::vector<Duration>& first,
                                       const std::vector<Duration>& second) {
  std::map<double, SameLength> lengths;
  for (const Duration& duration : first) {
    SameLength& same = lengths[duration.seconds];
    ++same.first;
    ++same.all;
    same.first_ended += duration.censored ? 0 : 1;
    same.ended += duration.censored ? 0 : 1;
  }
  for (const Duration& duration : second) {
    SameLength& same = lengths[duration.seconds];
    ++same.all;
    same.ended += duration.censored ? 0 : 1;
  }
  return lengths;
}

}  // namespace

int at_risk(const std::vector<Duration>& durations, double seconds) {
  return static_cast<int>(std::count_if(durations.begin(), durations.end(),
                                        [&](const Duration& d) { return d.seconds >= seconds; }));
}

SurvivalCurve survival(std::vector<Duration> durations) {
  // At equal times an end comes before a censoring: a hang that was watched until then was at risk.
  std::sort(durations.begin(), durations.end(), [](const Duration& a, const Duration& b) {
    return a.seconds != b.seconds ? a.seconds < b.seconds : a.censored < b.censored;
  });
  SurvivalCurve curve;
  double alive = 1;
  double greenwood = 0;
  for (size_t i = 0; i < durations.size();) {
    const double at_risk = static_cast<double>(durations.size() - i);
    const double seconds = durations[i].seconds;
    double ended = 0;
    for (; i < durations.size() && durations[i].seconds == seconds; ++i)
      ended += durations[i].censored ? 0 : 1;
    curve.last_s = seconds;
    if (ended == 0) continue;
    alive *= (at_risk - ended) / at_risk;
    if (at_risk > ended) greenwood += ended / (at_risk * (at_risk - ended));
    curve.steps.push_back({seconds, alive, limits_of(alive, greenwood)});
  }
  return curve;
}

Quantile quantile(const SurvivalCurve& curve, double left) {
  const auto low = [](const SurvivalStep& step) {
    return step.interval ? std::optional(step.interval->low) : std::nullopt;
  };
  const auto high = [](const SurvivalStep& step) {
    return step.interval ? std::optional(step.interval->high) : std::nullopt;
  };
  const auto alive = [](const SurvivalStep& step) { return std::optional(step.alive); };
  return {crossing(curve, left, alive), crossing(curve, left, low), crossing(curve, left, high)};
}

std::string median_text(const Quantile& median, int decimals) {
  const auto text = [&](double seconds) { return fmt::format("{:.{}f} s", seconds, decimals); };
  const std::string at_least = median.low ? "95%: at least " + text(*median.low) : "";
  if (!median.seconds)
    return "no median: more than half outlasted watching" + (median.low ? " (" + at_least + ")" : "");
  const std::string estimate = text(*median.seconds);
  if (!median.low) return estimate + " (too few for a 95% interval)";
  if (!median.high) return estimate + " (" + at_least + ")";
  return fmt::format("{} (95%: {} to {})", estimate, text(*median.low), text(*median.high));
}

LogRank log_rank(const std::vector<Duration>& first, const std::vector<Duration>& second) {
  LogRank result;
  double first_left = static_cast<double>(first.size());
  double left = static_cast<double>(first.size() + second.size());
  for (const auto& [seconds, here] : by_length(first, second)) {
    const double share = first_left / left;
    result.observed += here.first_ended;
    result.expected += here.ended * share;
    if (left > 1) result.variance += here.ended * share * (1 - share) * (left - here.ended) / (left - 1);
    first_left -= here.first;
    left -= here.all;
  }
  return with_ratio(result);
}

LogRank with_ratio(LogRank result) {
  if (result.variance <= 0) return result;
  const double excess = result.observed - result.expected;
  const boost::math::chi_squared one_degree(1);
  result.p = boost::math::cdf(boost::math::complement(one_degree, excess * excess / result.variance));
  const double spread = normal_quantile() / std::sqrt(result.variance);
  result.hazard_ratio = std::exp(excess / result.variance);
  result.ratio_low = std::exp(excess / result.variance - spread);
  result.ratio_high = std::exp(excess / result.variance + spread);
  return result;
}

}  // namespace hangar::stats
