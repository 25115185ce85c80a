// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/power.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "harness/stats/strata.h"

namespace hangar::stats {
namespace {

constexpr double level = 0.05;
constexpr double wanted_power = 0.8;
constexpr double hundredth = 0.01;

// Fisher's exact test for tables of so many runs in each group.
class Tables {
 public:
  explicit Tables(int runs) : runs_(runs) {
    for (int n = 0; n <= 2 * runs; ++n) log_factorials_.push_back(boost::math::lgamma(n + 1.0));
  }

  // For so many hits in both groups together: the hits of the first group at which the test rejects.
  [[nodiscard]] std::vector<int> rejected(int hits) const {
    std::vector<std::pair<double, int>> tables;
    for (int first = std::max(0, hits - runs_); first <= std::min(hits, runs_); ++first)
      tables.emplace_back(log_choose(first) + log_choose(hits - first), first);
    std::sort(tables.begin(), tables.end());
    const double all = log_choose(2 * runs_, hits);
    std::vector<int> found;
    double p = 0;
    for (std::size_t i = 0; i < tables.size();) {
      // Tables that are as improbable count together, as in R's fisher.test.
      const double equal = tables[i].first + 1e-7;
      const std::size_t begin = i;
      for (; i < tables.size() && tables[i].first <= equal; ++i) p += std::exp(tables[i].first - all);
      if (p > level) break;
      for (std::size_t j = begin; j < i; ++j) found.push_back(tables[j].second);
    }
    return found;
  }

 private:
  [[nodiscard]] double log_choose(int n, int k) const {
    return log_factorials_[static_cast<std::size_t>(n)] - log_factorials_[static_cast<std::size_t>(k)] -
           log_factorials_[static_cast<std::size_t>(n - k)];
  }
  [[nodiscard]] double log_choose(int k) const { return log_choose(runs_, k); }

  int runs_;
  std::vector<double> log_factorials_;
};

std::vector<double> probabilities(int runs, double rate) {
  const boost::math::binomial_distribution<> hits(runs, std::clamp(rate, 0.0, 1.0));
  std::vector<double> all;
  for (int i = 0; i <= runs; ++i) all.push_back(boost::math::pdf(hits, i));
  return all;
}

}  // namespace

double fisher_power(int runs, double first_rate, double second_rate) {
  if (runs <= 0) return 0;
  const auto first = probabilities(runs, first_rate);
  const auto second = probabilities(runs, second_rate);
  const Tables tables(runs);
  double power = 0;
  for (int hits = 1; hits < 2 * runs; ++hits) {
    for (const int i : tables.rejected(hits))
      power += first[static_cast<std::size_t>(i)] * second[static_cast<std::size_t>(hits - i)];
  }
  return power;
}

std::optional<double> detectable_difference(int runs, double rate) {
  for (int step = 1; step <= 100; ++step) {
    const double difference = step * hundredth;
    for (const double other : {rate + difference, rate - difference}) {
      const bool possible = other >= 0 && other <= 1;
      if (possible && fisher_power(runs, rate, other) >= wanted_power) return difference;
    }
  }
  return std::nullopt;
}

std::optional<int> runs_to_detect(double rate, double difference) {
  constexpr int step = 5;
  constexpr int most = 2000;
  const double other = rate + difference <= 1 ? rate + difference : rate - difference;
  // Power rises with the runs, but for small steps: the range is halved, then the rest is tried.
  int low = 0;
  int high = most / step;
  if (other < 0 || fisher_power(most, rate, other) < wanted_power) return std::nullopt;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (fisher_power(middle * step, rate, other) >= wanted_power ? high : low) = middle;
  }
  return high * step;
}

std::optional<int> runs_to_show_not_worse(int first_hits, int first_runs, int second_hits, int second_runs,
                                          double margin) {
  if (first_runs <= 0 || second_runs <= 0) return std::nullopt;
  const double first_rate = static_cast<double>(first_hits) / first_runs;
  const double second_rate = static_cast<double>(second_hits) / second_runs;
  if (second_rate - first_rate >= margin) return std::nullopt;
  constexpr int most = 100000;
  const auto shown = [&](int runs) {
    const auto hits = [runs](double rate) { return static_cast<int>(std::lround(rate * runs)); };
    return rate_difference({{hits(first_rate), runs, hits(second_rate), runs}}).interval.high < margin;
  };
  if (!shown(most)) return std::nullopt;
  int low = 0;
  int high = most;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (shown(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace hangar::stats
