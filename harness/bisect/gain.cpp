// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/gain.h"

#include <algorithm>
#include <cmath>

namespace hangar::bisect {
namespace {

// Extrinsic information of less likely hypotheses prefers revisions that single one of them out to revisions
// that halve them.
constexpr double likely = 0.3;
constexpr double tiny = 1e-12;

double entropy(double p) {
  return p <= 0 || p >= 1 ? 0 : -p * std::log(p) - (1 - p) * std::log1p(-p);
}

// Of an outcome with rate p, from one that was expected at rate q instead of r.
double difference(double p, double q, double r) {
  return p * std::log(r / q) + (1 - p) * std::log((1 - r) / (1 - q));
}

// Sums over hypotheses, weighted by their probability.
struct Sums {
  double probability = 0;
  double bad_rate = 0;
  double bad_noise = 0;
  double good_rate = 0;
  double good_noise = 0;

  Sums& operator+=(const Sums& other) {
    probability += other.probability;
    bad_rate += other.bad_rate;
    bad_noise += other.bad_noise;
    good_rate += other.good_rate;
    good_noise += other.good_noise;
    return *this;
  }
};

Sums weighted(const Hypothesis& one) {
  return {one.probability, one.probability * one.bad.rate, one.probability * one.bad.noise,
          one.probability * one.good.rate, one.probability * one.good.noise};
}

std::vector<int> likely_hypotheses(const Belief& belief) {
  std::vector<int> found;
  for (int i = 0; i < static_cast<int>(belief.size()); ++i) {
    if (belief[i].probability > likely && belief[i].probability < 1 - tiny) found.push_back(i);
  }
  return found;
}

// What the extrinsic divergence adds to mutual information: a likely hypothesis is compared with the others
// only, not with a mixture that consists mostly of itself.
double extrinsic(const Graph& graph, const Belief& belief, const std::vector<int>& hypotheses, int revision,
                 double expected) {
  double sum = 0;
  for (const int i : hypotheses) {
    const Hypothesis& one = belief[i];
    const bool bad = i < graph.size() && graph.contains(revision, i);
    const double rate = bad ? one.bad.rate : one.good.rate;
    const double others =
        std::clamp((expected - one.probability * rate) / (1 - one.probability), tiny, 1 - tiny);
    sum += one.probability * difference(rate, others, std::clamp(expected, tiny, 1 - tiny));
  }
  return sum;
}

}  // namespace

double Gain::of(double runs) const {
  return limit <= 0 ? 0 : limit * (1 - std::pow(1 - std::min(1.0, per_run / limit), runs));
}

std::vector<Gain> gains(const Graph& graph, const Belief& belief) {
  std::vector<Sums> own(graph.size());
  Sums total;
  for (std::size_t i = 0; i < belief.size(); ++i) {
    const Sums one = weighted(belief[i]);
    if (i < own.size()) own[i] = one;
    total += one;
  }
  const std::vector<Sums> bad = graph.sums(own);
  const std::vector<int> hypotheses = likely_hypotheses(belief);
  std::vector<Gain> found(graph.size());
  for (int i = 0; i < graph.size(); ++i) {
    const double expected = bad[i].bad_rate + total.good_rate - bad[i].good_rate;
    const double noise = bad[i].bad_noise + total.good_noise - bad[i].good_noise;
    const double mutual = std::max(0.0, entropy(expected) - noise);
    const double more = std::max(0.0, extrinsic(graph, belief, hypotheses, i, expected));
    found[i] = {mutual + more, std::max(entropy(bad[i].probability), mutual) + more,
                std::min(bad[i].probability, 1 - bad[i].probability)};
  }
  return found;
}

}  // namespace hangar::bisect
