// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cmath>

#include "harness/bisect/model.h"
#include "harness/bisect/rates.h"

namespace hangar::bisect {
namespace {

// How much of the uncertainty about a rate counts as noise, the rest as something worth learning.
constexpr double rate_weight = 0.5;
constexpr double least = 1e-280;  // of a sum that does not underflow

double entropy(double p) {
  return -p * std::log(p) - (1 - p) * std::log1p(-p);
}

template <typename Values>
struct Logs {
  Values hit = {};
  Values miss = {};
  Values entropies = {};
};

template <typename Values>
Logs<Values> logs_of(const Values& rates) {
  Logs<Values> logs;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    logs.hit[i] = std::log(rates[i]);
    logs.miss[i] = std::log1p(-rates[i]);
    logs.entropies[i] = entropy(rates[i]);
  }
  return logs;
}

const Logs<OfBad>& bad_logs() {
  static const Logs<OfBad> logs = logs_of(bad_rates);
  return logs;
}
const Logs<OfGood>& good_logs() {
  static const Logs<OfGood> logs = logs_of(good_rates);
  return logs;
}

// The likelihood of the counts at each rate, divided by the largest one, whose logarithm is returned.
template <typename Values>
double scaled(const Counts& counts, const Logs<Values>& logs, Values& found) {
  for (std::size_t i = 0; i < found.size(); ++i)
    found[i] = counts.hits * logs.hit[i] + counts.misses * logs.miss[i];
  const double most = *std::max_element(found.begin(), found.end());
  for (double& one : found) one = std::exp(one - most);
  return most;
}

// Sums over the rates: of the weights, of weight x rate, and of weight x entropy of the rate.
struct Moments {
  double weight = 0;
  double rate = 0;
  double entropies = 0;

  [[nodiscard]] Forecast forecast() const {
    const double mean = rate / weight;
    return {mean, (1 - rate_weight) * entropy(mean) + rate_weight * entropies / weight};
  }
};

// The columns of the prior, summed over the bad rates.
struct Columns {
  OfGood weight = {};
  OfGood rate = {};
  OfGood entropies = {};
};

Columns columns(const OfBad& bad) {
  const RatePrior& prior = rate_prior();
  const Logs<OfBad>& logs = bad_logs();
  Columns sums;
  for (std::size_t i = 0; i < bad.size(); ++i) {
    const double rate = bad[i] * bad_rates[i];
    const double entropies = bad[i] * logs.entropies[i];
    for (std::size_t j = 0; j < good_rates.size(); ++j) {
      sums.weight[j] += prior.pair[i][j] * bad[i];
      sums.rate[j] += prior.pair[i][j] * rate;
      sums.entropies[j] += prior.pair[i][j] * entropies;
    }
  }
  return sums;
}

Moments good_moments(const OfGood& good, const OfGood& prior) {
  Moments sums;
  for (std::size_t j = 0; j < good.size(); ++j) {
    const double weight = good[j] * prior[j];
    sums.weight += weight;
    sums.rate += weight * good_rates[j];
    sums.entropies += weight * good_logs().entropies[j];
  }
  return sums;
}

Moments bad_moments(const OfGood& good, const Columns& sums) {
  Moments moments;
  for (std::size_t j = 0; j < good.size(); ++j) {
    moments.weight += good[j] * sums.weight[j];
    moments.rate += good[j] * sums.rate[j];
    moments.entropies += good[j] * sums.entropies[j];
  }
  return moments;
}

}  // namespace

Likelihood likelihood(const Counts& bad, const Counts& good) {
  OfBad of_bad = {};
  OfGood of_good = {};
  const double scale = scaled(bad, bad_logs(), of_bad) + scaled(good, good_logs(), of_good);
  const Columns sums = columns(of_bad);
  const Moments goods = good_moments(of_good, sums.weight);
  if (goods.weight < least) return {scale + std::log(least), {}, {}};
  return {scale + std::log(goods.weight), bad_moments(of_good, sums).forecast(), goods.forecast()};
}

Likelihood not_reproduced_likelihood(const Counts& all) {
  OfGood of_good = {};
  const double scale = scaled(all, good_logs(), of_good);
  const Moments sums = good_moments(of_good, rate_prior().false_alarms);
  if (sums.weight < least) return {scale + std::log(least), {}, {}};
  // Nothing is bad: whether a rate changes does not matter.
  return {scale + std::log(sums.weight), {}, sums.forecast()};
}

}  // namespace hangar::bisect
