// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/pairs.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace hangar::stats {
namespace {

struct Rates {
  double first = 0.5;
  double second = 0.5;
};

// What the pairs so far make likely: the means of Jeffreys' priors, or of what is expected.
class Seen {
 public:
  explicit Seen(const ExpectedRates& expected) : expected_(expected) {}
  [[nodiscard]] Rates rates() const {
    const double weight = expected_.weight;
    return {(first_ + expected_.first * weight) / (pairs_ + weight),
            (second_ + expected_.second * weight) / (pairs_ + weight)};
  }
  void add(const RunPair& pair) {
    first_ += pair.first_hit ? 1 : 0;
    second_ += pair.second_hit ? 1 : 0;
    ++pairs_;
  }

 private:
  double first_ = 0;
  double second_ = 0;
  double pairs_ = 0;
  ExpectedRates expected_;
};

double log_likelihood(const RunPair& pair, const Rates& rates) {
  return std::log(pair.first_hit ? rates.first : 1 - rates.first) +
         std::log(pair.second_hit ? rates.second : 1 - rates.second);
}

// Of all rates that differ by `difference`, those closest to `bet` by Kullback-Leibler divergence, which is
// convex along them: its slope is followed to 0.
Rates closest(const Rates& bet, double difference) {
  const auto slope = [&](double first) {
    const double second = first + difference;
    return (1 - bet.first) / (1 - first) - bet.first / first + (1 - bet.second) / (1 - second) -
           bet.second / second;
  };
  double low = std::max(0.0, -difference);
  double high = std::min(1.0, 1 - difference);
  constexpr int halvings = 60;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (slope(middle) < 0 ? low : high) = middle;
  }
  const double first = (low + high) / 2;
  return {first, first + difference};
}

// The largest wealth, as a logarithm, of one who bets against what `null_for` returns for a bet: rates of the
// null hypothesis, or the bet itself where it lies in it.
template <typename Null>
double largest_wealth(const std::vector<RunPair>& pairs, const ExpectedRates& expected, Null&& null_for) {
  std::map<int, Seen> seen;
  double wealth = 0;
  double largest = 0;
  for (const RunPair& pair : pairs) {
    Seen& before = seen.try_emplace(pair.stratum, expected).first->second;
    const Rates bet = before.rates();
    wealth += log_likelihood(pair, bet) - log_likelihood(pair, null_for(bet));
    largest = std::max(largest, wealth);
    before.add(pair);
  }
  return largest;
}

// Against "the second rate is higher by at least `difference`".
double wealth_against_higher(const std::vector<RunPair>& pairs, double difference) {
  return largest_wealth(pairs, {}, [difference](const Rates& bet) {
    return bet.second - bet.first >= difference ? bet : closest(bet, difference);
  });
}

// The least difference that is rejected as a lower bound of the true one; 1 if none is.
double upper_limit(const std::vector<RunPair>& pairs) {
  constexpr int steps = 1000;
  const double needed = std::log(2 / (1 - confidence_level));
  int kept = -steps;  // in thousandths; the limit is above it
  int rejected = steps;
  while (rejected - kept > 1) {
    const int middle = (kept + rejected) / 2;
    const bool enough = wealth_against_higher(pairs, static_cast<double>(middle) / steps) >= needed;
    (enough ? rejected : kept) = middle;
  }
  return static_cast<double>(rejected) / steps;
}

}  // namespace

double equal_rates_p(const std::vector<RunPair>& pairs, const ExpectedRates& expected) {
  return std::exp(-largest_wealth(pairs, expected, [](const Rates& bet) {
    const double middle = (bet.first + bet.second) / 2;
    return Rates{middle, middle};
  }));
}

double not_worse_p(const std::vector<RunPair>& pairs, double margin) {
  return std::exp(-wealth_against_higher(pairs, margin));
}

Interval difference_sequence(const std::vector<RunPair>& pairs) {
  std::vector<RunPair> swapped;
  swapped.reserve(pairs.size());
  for (const RunPair& pair : pairs) swapped.push_back({pair.second_hit, pair.first_hit, pair.stratum});
  return {-upper_limit(swapped), upper_limit(pairs)};
}

}  // namespace hangar::stats
