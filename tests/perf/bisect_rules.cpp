// SPDX-License-Identifier: GPL-2.0-only
#include "tests/perf/bisect_rules.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "harness/bisect/search.h"

namespace hangar::simulated {
namespace {

// The first bad revision of low + 1 to high, given what is_bad() answers: nullopt for a revision that is
// skipped, instead of which the nearest one is asked. none_of_these if all that are left are skipped.
template <typename IsBad>
int first_bad(int low, int high, IsBad&& is_bad) {
  std::vector<bool> skipped(high + 1, false);
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    std::optional<int> next;
    for (int distance = 0; distance < high - low && !next; ++distance) {
      for (const int revision : {middle - distance, middle + distance}) {
        if (!next && revision > low && revision < high && !skipped[revision]) next = revision;
      }
    }
    if (!next) return none_of_these;
    const std::optional<bool> bad = is_bad(*next);
    if (!bad) {
      skipped[*next] = true;
    } else {
      (*bad ? high : low) = *next;
    }
  }
  return high;
}

int hits_of(Lab& lab, int revision, int runs) {
  int hits = 0;
  for (int i = 0; i < runs; ++i) hits += lab.run(revision) ? 1 : 0;
  return hits;
}

class Fleet {
 public:
  explicit Fleet(Lab& lab) : lab_(lab) {}

  std::optional<bool> test(int revision) {
    const int runs = first_ || flaky_ ? 20 : 10;
    first_ = false;
    const int hits = hits_of(lab_, revision, runs);
    flaky_ = flaky_ || (hits > 0 && hits < runs);
    if (hits >= std::max(2, runs / 6)) return true;
    if (hits == 0) return false;
    return std::nullopt;
  }

 private:
  Lab& lab_;
  bool first_ = true;
  bool flaky_ = false;
};

double log_beta(int hits, int misses) {
  return std::lgamma(hits + 0.5) + std::lgamma(misses + 0.5) - std::lgamma(hits + misses + 1.0);
}

double entropy(double p) {
  return -p * std::log(p) - (1 - p) * std::log1p(-p);
}

// The candidates 1 to n of the public rule, which tests no other revision.
class PublicRule {
 public:
  explicit PublicRule(int revisions) : bad_(revisions + 2), posterior_(revisions + 2) { update(); }

  void add(int revision, bool hit) {
    for (int i = 1; i <= revision; ++i) ++(hit ? bad_[i].hits : bad_[i].misses);
    ++(hit ? all_.hits : all_.misses);
    update();
  }

  [[nodiscard]] int likeliest() const {
    return static_cast<int>(std::max_element(posterior_.begin(), posterior_.end(), less) -
                            posterior_.begin());
  }
  [[nodiscard]] double probability() const { return posterior_[likeliest()].probability; }

  // The revision with the largest mutual information between its outcome and the culprit.
  [[nodiscard]] int next() const {
    double hit = 0;
    double noise = 0;
    for (const Candidate& one : posterior_) {
      hit += one.probability * one.good_rate;
      noise += one.probability * one.good_noise;
    }
    int best = 1;
    double most = -1;
    for (int i = 1; i + 1 < static_cast<int>(posterior_.size()); ++i) {
      const Candidate& one = posterior_[i];
      hit += one.probability * (one.bad_rate - one.good_rate);
      noise += one.probability * (one.bad_noise - one.good_noise);
      const double gain = entropy(hit) - noise;
      if (gain > most) best = i;
      most = std::max(most, gain);
    }
    return best;
  }

 private:
  struct Candidate {
    double probability = 0;
    double bad_rate = 0.5;
    double good_rate = 0.5;
    double bad_noise = 0;
    double good_noise = 0;
  };
  static bool less(const Candidate& a, const Candidate& b) { return a.probability < b.probability; }

  static double rate_of(const bisect::Counts& runs) {
    return (runs.hits + 0.5) / (runs.hits + runs.misses + 1);
  }

  [[nodiscard]] Candidate candidate(const bisect::Counts& bad) const {
    const bisect::Counts good{all_.hits - bad.hits, all_.misses - bad.misses};
    Candidate one;
    one.probability = log_beta(bad.hits, bad.misses) + log_beta(good.hits, good.misses);
    one.bad_rate = rate_of(bad);
    one.good_rate = rate_of(good);
    one.bad_noise = entropy(one.bad_rate);
    one.good_noise = entropy(one.good_rate);
    return one;
  }

  void update() {
    const int last = static_cast<int>(bad_.size()) - 2;
    double most = -1e300;
    for (int i = 1; i <= last; ++i) {
      const bool same = i > 1 && bad_[i].hits == bad_[i - 1].hits && bad_[i].misses == bad_[i - 1].misses;
      posterior_[i] = same ? posterior_[i - 1] : candidate(bad_[i]);
      most = std::max(most, posterior_[i].probability);
    }
    double sum = 0;
    for (int i = 1; i <= last; ++i)
      sum += posterior_[i].probability = std::exp(posterior_[i].probability - most);
    for (int i = 1; i <= last; ++i) posterior_[i].probability /= sum;
  }

  std::vector<bisect::Counts> bad_;
  bisect::Counts all_;
  std::vector<Candidate> posterior_;
};

}  // namespace

Lab::Lab(const Truth& truth, double build_s, std::uint64_t seed)
    : truth_(truth), build_s_(build_s), left_s_(truth.revisions + 1, build_s), random_(seed) {}

double Lab::rate() const {
  if (truth_.drift_runs == 0) return truth_.rate;
  const double share = std::min(1.0, static_cast<double>(runs_) / truth_.drift_runs);
  return truth_.rate + share * (truth_.last_rate - truth_.rate);
}

bool Lab::run(int revision) {
  if (left_s_[revision] > 0) ++builds_;
  left_s_[revision] = 0;
  const double chance = revision >= truth_.culprit ? rate() : truth_.false_alarms;
  ++runs_;
  return std::uniform_real_distribution<>()(random_) < chance;
}

int hangar_rule(Lab& lab, double confidence, std::uint64_t seed) {
  bisect::Options options;
  options.confidence = confidence;
  options.max_runs = max_runs;
  options.seed = seed;
  bisect::Search search(bisect::Graph::chain(lab.truth().revisions + 1), options);
  while (!search.decision().finished) {
    const int revision = search.next({lab.build_s(), 1}).at(0);
    const auto evidence = lab.run(revision) ? bisect::Evidence::hit : bisect::Evidence::miss;
    if (!search.add({revision, evidence})) return none_of_these;
  }
  const bisect::Decision& decision = search.decision();
  if (decision.answer == bisect::Answer::no_change) return 0;
  return decision.answer == bisect::Answer::culprit ? decision.candidates.at(0) : none_of_these;
}

int git_rule(Lab& lab, double error) {
  constexpr int most_runs = 100;
  const int end = lab.truth().revisions;
  int hits = 0;
  int runs = 0;
  for (; hits == 0 && runs < most_runs; runs += 10) hits += hits_of(lab, end, 10);
  if (hits == 0) return none_of_these;
  const double steps = std::ceil(std::log2(end));
  const double missed = std::log1p(-static_cast<double>(hits) / runs);
  const int repeats = hits == runs ? 1 : static_cast<int>(std::ceil(std::log(error / steps) / missed));
  const auto is_bad = [&](int revision) -> std::optional<bool> {
    for (int i = 0; i < repeats; ++i) {
      if (lab.run(revision)) return true;
    }
    return false;
  };
  return *is_bad(0) ? 0 : first_bad(0, end, is_bad);
}

int fleet_rule(Lab& lab) {
  Fleet fleet(lab);
  const int end = lab.truth().revisions;
  if (!fleet.test(end).value_or(false)) return none_of_these;
  const std::optional<bool> good_end = fleet.test(0);
  if (!good_end) return none_of_these;
  return *good_end ? 0 : first_bad(0, end, [&](int revision) { return fleet.test(revision); });
}

int public_rule(Lab& lab, int most_runs) {
  PublicRule rule(lab.truth().revisions);
  while (lab.runs() < most_runs) {
    if (rule.probability() >= 0.95) return rule.likeliest();
    const int revision = rule.next();
    rule.add(revision, lab.run(revision));
  }
  return none_of_these;
}

}  // namespace hangar::simulated
