// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/power.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "harness/stats/interval.h"
#include "harness/stats/strata.h"

namespace hangar::stats {
namespace {

constexpr double level = 0.05;
constexpr double wanted_power = 0.8;
constexpr double hundredth = 0.01;
// The number of tables grows with the square of the runs.
constexpr int max_exact_runs = 2000;

// Where Fisher's exact test rejects, for tables of so many runs in each group. With groups of one size a
// table is as probable as the one in which they change places: its p is twice a tail.
class Rejection {
 public:
  explicit Rejection(int runs) : runs_(runs) {
    for (int n = 0; n <= 2 * runs; ++n) log_factorials_.push_back(boost::math::lgamma(n + 1.0));
    for (int hits = 0; hits <= 2 * runs; ++hits) most_.push_back(most_rejected(hits));
  }

  // Of so many hits in both groups: with at most this number in one of them the test rejects. -1: never.
  [[nodiscard]] int most(int hits) const { return most_[static_cast<std::size_t>(hits)]; }
  [[nodiscard]] int runs() const { return runs_; }

 private:
  [[nodiscard]] int most_rejected(int hits) const {
    const double all = log_choose(2 * runs_, hits);
    double tail = 0;
    int first = std::max(0, hits - runs_);
    for (; 2 * first < hits; ++first) {
      tail += std::exp(log_choose(runs_, first) + log_choose(runs_, hits - first) - all);
      if (2 * tail > level) break;
    }
    return first - 1 < std::max(0, hits - runs_) ? -1 : first - 1;
  }
  [[nodiscard]] double log_choose(int n, int k) const {
    return log_factorials_[static_cast<std::size_t>(n)] - log_factorials_[static_cast<std::size_t>(k)] -
           log_factorials_[static_cast<std::size_t>(n - k)];
  }

  int runs_;
  std::vector<double> log_factorials_;
  std::vector<int> most_;
};

std::vector<double> probabilities(int runs, double rate) {
  const boost::math::binomial_distribution<> hits(runs, std::clamp(rate, 0.0, 1.0));
  std::vector<double> all;
  for (int i = 0; i <= runs; ++i) all.push_back(boost::math::pdf(hits, i));
  return all;
}

double power_of(const Rejection& rejection, double first_rate, double second_rate) {
  const int runs = rejection.runs();
  const auto first = probabilities(runs, first_rate);
  const auto second = probabilities(runs, second_rate);
  double power = 0;
  for (int hits = 1; hits < 2 * runs; ++hits) {
    for (int i = std::max(0, hits - runs); i <= rejection.most(hits); ++i) {
      const auto few = static_cast<std::size_t>(i);
      const auto many = static_cast<std::size_t>(hits - i);
      power += first[few] * second[many] + first[many] * second[few];
    }
  }
  return power;
}

// The normal approximation, corrected for continuity as Fisher's test is conservative (J. T. Casagrande, M.
// C. Pike, P. G. Smith, An improved approximate formula for calculating sample sizes for comparing two
// binomial distributions, Biometrics 34, 1978).
double approximate_power(int runs, double first_rate, double second_rate) {
  const double n = runs;
  const double mean = (first_rate + second_rate) / 2;
  const double error_if_equal = std::sqrt(2 * mean * (1 - mean) / n);
  const double error = std::sqrt((first_rate * (1 - first_rate) + second_rate * (1 - second_rate)) / n);
  const double excess = std::abs(first_rate - second_rate) - 1 / n - normal_quantile() * error_if_equal;
  if (error <= 0) return excess > 0 ? 1 : 0;
  return boost::math::cdf(boost::math::normal(), excess / error);
}

}  // namespace

double fisher_power(int runs, double first_rate, double second_rate) {
  if (runs <= 0) return 0;
  return runs > max_exact_runs ? approximate_power(runs, first_rate, second_rate)
                               : power_of(Rejection(runs), first_rate, second_rate);
}

std::optional<double> detectable_difference(int runs, double rate) {
  if (runs <= 0) return std::nullopt;
  const std::optional<Rejection> rejection =
      runs > max_exact_runs ? std::nullopt : std::optional<Rejection>(runs);
  const auto detects = [&](int hundredths) {
    const double difference = hundredths * hundredth;
    const auto towards = [&](double other) {
      if (other < 0 || other > 1) return false;
      return (rejection ? power_of(*rejection, rate, other) : approximate_power(runs, rate, other)) >=
             wanted_power;
    };
    return towards(rate + difference) || towards(rate - difference);
  };
  // The largest that is possible on either side; a smaller one is found less often.
  int high = static_cast<int>(std::floor(std::max(rate, 1 - rate) / hundredth + 1e-9));
  if (!detects(high)) return std::nullopt;
  int low = 0;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (detects(middle) ? high : low) = middle;
  }
  return high * hundredth;
}

std::optional<int> runs_to_detect(double rate, double difference) {
  constexpr int step = 5;
  constexpr int most = 2000;
  const double other = rate + difference <= 1 ? rate + difference : rate - difference;
  if (other < 0) return std::nullopt;
  const auto detects = [&](int steps) { return fisher_power(steps * step, rate, other) >= wanted_power; };
  int high = 1;
  while (high * step <= most && !detects(high)) high *= 2;
  if (high * step > most) return std::nullopt;
  int low = high / 2;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (detects(middle) ? high : low) = middle;
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
