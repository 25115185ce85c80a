// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "harness/bisect/rates.h"

namespace hangar::bisect {
namespace {

constexpr double no_change_prior = 0.25;
constexpr double not_reproduced_prior = 0.03;

// The likelihoods of all hypotheses. Many have the same counts: on a chain, those between two tested
// revisions.
class Likelihoods {
 public:
  explicit Likelihoods(const Counts& all) : all_(all) {}

  const Likelihood& of(const Counts& bad) {
    const std::uint64_t key =
        static_cast<std::uint64_t>(bad.hits) << 32 | static_cast<std::uint32_t>(bad.misses);
    if (last_ != nullptr && key == last_key_) return *last_;
    const auto [entry, added] = known_.try_emplace(key);
    if (added) entry->second = likelihood(bad, {all_.hits - bad.hits, all_.misses - bad.misses});
    last_key_ = key;
    last_ = &entry->second;
    return *last_;
  }

 private:
  Counts all_;
  std::unordered_map<std::uint64_t, Likelihood> known_;
  std::uint64_t last_key_ = 0;
  const Likelihood* last_ = nullptr;
};

void normalise(Belief& belief) {
  double most = -std::numeric_limits<double>::infinity();
  for (const Hypothesis& one : belief) most = std::max(most, one.probability);
  double sum = 0;
  for (Hypothesis& one : belief) {
    one.probability = std::isfinite(most) ? std::exp(one.probability - most) : 0;
    sum += one.probability;
  }
  for (Hypothesis& one : belief) one.probability /= sum > 0 ? sum : 1;
}

}  // namespace

std::vector<double> prior(int size, const std::vector<double>& weights) {
  std::vector<double> all(size + 1, 1);
  if (static_cast<int>(weights.size()) == size) std::copy(weights.begin(), weights.end(), all.begin());
  for (double& one : all) one = std::max(one, 0.0);
  const double sum = std::accumulate(all.begin() + 1, all.begin() + size, 0.0);
  if (sum <= 0) return prior(size, {});
  for (double& one : all) one *= (1 - no_change_prior - not_reproduced_prior) / sum;
  all[0] = no_change_prior;
  all[size] = not_reproduced_prior;
  return all;
}

Belief believe(const std::vector<double>& prior, const std::vector<Counts>& bad, const Counts& all) {
  Belief belief(prior.size());
  Likelihoods likelihoods(all);
  const Likelihood of_none = not_reproduced_likelihood(all);
  for (std::size_t i = 0; i < belief.size(); ++i) {
    const Likelihood& found = i < bad.size() ? likelihoods.of(bad[i]) : of_none;
    belief[i] = {found.log + std::log(prior[i]), found.bad, found.good};
  }
  normalise(belief);
  return belief;
}

}  // namespace hangar::bisect
