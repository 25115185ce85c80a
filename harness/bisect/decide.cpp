// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/decide.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace hangar::bisect {
namespace {

struct Class {
  int number = 0;
  double probability = 0;
};

Class likeliest_class(const Belief& belief, const Classes& classes) {
  std::vector<double> sums(classes.size(), 0);
  for (std::size_t i = 0; i < belief.size(); ++i) sums[classes.of(i)] += belief[i].probability;
  const auto best = std::max_element(sums.begin(), sums.end());
  return {static_cast<int>(best - sums.begin()), *best};
}

Answer answer_of(const std::vector<int>& members, int size) {
  if (members.size() != 1) return Answer::range;
  if (members[0] == 0) return Answer::no_change;
  return members[0] == size ? Answer::not_reproduced : Answer::culprit;
}

double entropy(double p) {
  return p <= 0 || p >= 1 ? 0 : -p * std::log(p) - (1 - p) * std::log1p(-p);
}

// Of a channel whose outcome is a hit with one of two rates, in nats.
double capacity(double bad, double good) {
  double best = 0;
  for (int i = 1; i < 100; ++i) {
    const double share = i / 100.0;
    const double noise = share * entropy(bad) + (1 - share) * entropy(good);
    best = std::max(best, entropy(share * bad + (1 - share) * good) - noise);
  }
  return best;
}

double divergence(double p, double q) {
  return p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q));
}

}  // namespace

Decision decide(const Belief& belief, const Classes& classes, double threshold) {
  const int size = static_cast<int>(belief.size()) - 1;
  const Class best = likeliest_class(belief, classes);
  Decision decision;
  decision.probability = best.probability;
  // With few hits, "no change" and "not reproduced" are hard to tell apart. Neither has a culprit.
  const double neither = belief[0].probability + belief[size].probability;
  if (neither >= threshold && classes.is_alone(0) && classes.is_alone(size)) {
    const bool no_change = belief[0].probability >= belief[size].probability;
    return {no_change ? Answer::no_change : Answer::not_reproduced, true, neither, {}};
  }
  std::vector<int> members;
  for (int i = 0; i <= size; ++i) {
    if (classes.of(i) == best.number) members.push_back(i);
  }
  decision.finished = best.probability >= threshold;
  if (decision.finished) decision.answer = answer_of(members, size);
  for (const int member : members) {
    const bool listed = member < size && (member > 0 || members.size() > 1);
    if (listed) decision.candidates.push_back(member);
  }
  return decision;
}

Remaining remaining_of(const Belief& belief, double threshold) {
  double left = 0;
  double most = 0;
  double candidates = 0;
  double bad = 0;
  double good = 0;
  for (std::size_t i = 0; i < belief.size(); ++i) {
    const Hypothesis& one = belief[i];
    if (one.probability <= 0) continue;
    left -= one.probability * std::log(one.probability);
    most = std::max(most, one.probability);
    if (i == 0 || i + 1 == belief.size()) continue;
    candidates += one.probability;
    bad += one.probability * one.bad.rate;
    good += one.probability * one.good.rate;
  }
  if (candidates <= 0 || most >= threshold) return {};
  bad /= candidates;
  good /= candidates;
  const double confirming =
      std::log(threshold / (1 - threshold)) - std::max(0.0, std::log(most / (1 - most)));
  const double runs =
      left / capacity(bad, good) + confirming / std::max(divergence(bad, good), divergence(good, bad));
  return {runs, left / std::log(2.0)};
}

}  // namespace hangar::bisect
