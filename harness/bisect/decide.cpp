// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/decide.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace hangar::bisect {
namespace {

// Allowed errors, in units of 1 - confidence.
constexpr double error_per_hit = 0.09;
constexpr double max_error = 1.6;
constexpr double no_change_error_per_hit = 0.06;
constexpr double max_no_change_error = 0.8;
constexpr double not_reproduced_error = 0.6;
// Factor for answers with false alarms: with a good rate above this share of the bad rate, or with a bad rate
// that is low.
constexpr double factor_of_alarms = 0.12;
constexpr double share_of_alarms = 0.03;
constexpr double low_rate = 0.08;

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

std::vector<int> members_of(const Classes& classes, int number, int hypotheses) {
  std::vector<int> members;
  for (int i = 0; i < hypotheses; ++i) {
    if (classes.of(i) == number) members.push_back(i);
  }
  return members;
}

// The revisions among them. Revision 0 is one if others are.
std::vector<int> candidates_of(const std::vector<int>& members, int size) {
  std::vector<int> candidates;
  for (const int member : members) {
    if (member < size && (member > 0 || members.size() > 1)) candidates.push_back(member);
  }
  return candidates;
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

double log_odds(double p) {
  return std::log(p / (1 - p));
}

struct Summary {
  double entropy = 0;  // of the hypotheses, in nats
  double most = 0;     // the largest probability
  // Sums over the candidates, weighted by their probability.
  double candidates = 0;
  double bad_rate = 0;
  double good_rate = 0;
};

Summary summary_of(const Belief& belief) {
  Summary summary;
  for (std::size_t i = 0; i < belief.size(); ++i) {
    const Hypothesis& one = belief[i];
    if (one.probability <= 0) continue;
    summary.entropy -= one.probability * std::log(one.probability);
    summary.most = std::max(summary.most, one.probability);
    if (i == 0 || i + 1 == belief.size()) continue;
    summary.candidates += one.probability;
    summary.bad_rate += one.probability * one.bad.rate;
    summary.good_rate += one.probability * one.good.rate;
  }
  return summary;
}

}  // namespace

double needed_for_culprit(const Hypothesis& culprit, const Counts& bad, double confidence) {
  const double error = std::min(max_error, error_per_hit * std::max(bad.hits, 1)) * (1 - confidence);
  const bool alarms = culprit.good.rate > share_of_alarms * culprit.bad.rate || culprit.bad.rate < low_rate;
  return 1 - (alarms ? factor_of_alarms * error : error);
}

double needed_for_no_change(const Counts& all, double confidence) {
  const double error = std::min(max_no_change_error, no_change_error_per_hit * std::max(all.hits, 1));
  return 1 - error * (1 - confidence);
}

namespace {

// Of the hypothesis, which is the likeliest one.
double needed_for(int hypothesis, const Belief& belief, const std::vector<Counts>& bad, double confidence) {
  if (hypothesis == 0) return needed_for_no_change(bad[0], confidence);
  if (hypothesis + 1 == static_cast<int>(belief.size())) return 1 - not_reproduced_error * (1 - confidence);
  return needed_for_culprit(belief[hypothesis], bad[hypothesis], confidence);
}

}  // namespace

Decision decide(const Belief& belief, const std::vector<Counts>& bad, const Classes& classes,
                double confidence) {
  const int size = static_cast<int>(belief.size()) - 1;
  // With few hits, "no change" and "not reproduced" are hard to tell apart. Neither has a culprit.
  const double neither = belief[0].probability + belief[size].probability;
  const bool no_change = belief[0].probability >= belief[size].probability;
  if (neither >= needed_for(no_change ? 0 : size, belief, bad, confidence) && classes.is_alone(0) &&
      classes.is_alone(size))
    return {no_change ? Answer::no_change : Answer::not_reproduced, true, neither, {}};
  const Class best = likeliest_class(belief, classes);
  const std::vector<int> members = members_of(classes, best.number, size + 1);
  const int likeliest = *std::max_element(members.begin(), members.end(), [&](int a, int b) {
    return belief[a].probability < belief[b].probability;
  });
  Decision decision;
  decision.probability = best.probability;
  decision.finished = best.probability >= needed_for(likeliest, belief, bad, confidence);
  if (decision.finished) decision.answer = answer_of(members, size);
  decision.candidates = candidates_of(members, size);
  return decision;
}

// How many times as many runs the search needs as if it knew the rates: in simulation 1 at rates of 0.6 and
// more, 1.5 at 0.3, 1.9 at 0.1, for 16 to 1024 revisions.
double factor_of_unknown_rates(double bad_rate) {
  constexpr double known_from = 0.7;
  constexpr double per_halving = 0.35;
  return 1 + per_halving * std::max(0.0, std::log2(known_from / bad_rate));
}

Remaining remaining_of(const Belief& belief, double confidence) {
  const Summary summary = summary_of(belief);
  if (summary.candidates <= 0) return {};
  const double bad = summary.bad_rate / summary.candidates;
  const double good = summary.good_rate / summary.candidates;
  // What answers need, on average: needed_for_culprit().
  const double needed = 1 - (1 - confidence) / 2;
  const double likely = std::min(summary.most, needed);
  const double confirming = log_odds(needed) - std::max(0.0, log_odds(likely));
  const double runs = summary.entropy / capacity(bad, good) +
                      confirming / std::max(divergence(bad, good), divergence(good, bad));
  return {std::max(1.0, factor_of_unknown_rates(bad) * runs), summary.entropy / std::log(2.0)};
}

}  // namespace hangar::bisect
