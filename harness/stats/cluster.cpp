// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/cluster.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <random>
#include <tuple>

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace hangar::stats {
namespace {

constexpr double max_enumerated_tables = 5e6;
// A table of more runs or groups takes long to draw. Its p has a standard error of 3% where it is above 0.01.
constexpr int many_runs = 2000;
constexpr std::size_t many_groups = 30;
constexpr int enough_as_extreme = 1000;
// Tables are as improbable as the observed one within this factor, as in R's fisher.test.
constexpr double relative_error = 1e-7;

std::vector<Group> without_empty(std::vector<Group> groups) {
  groups.erase(std::remove_if(groups.begin(), groups.end(), [](const Group& g) { return g.runs <= 0; }),
               groups.end());
  return groups;
}

Group pooled(const std::vector<Group>& groups) {
  Group sum;
  for (const Group& group : groups) {
    sum.hits += group.hits;
    sum.runs += group.runs;
  }
  return sum;
}

bool is_before(const std::vector<Group>& a, const std::vector<Group>& b) {
  const auto less = [](const Group& one, const Group& other) {
    return std::tie(one.hits, one.runs) < std::tie(other.hits, other.runs);
  };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), less);
}

// All tables with the margins of the observed one: so many hits in each group, `hits` together.
class Tables {
 public:
  explicit Tables(const std::vector<Group>& groups) : groups_(groups), pooled_(pooled(groups)) {
    log_factorials_.reserve(static_cast<size_t>(pooled_.runs) + 1);
    for (int n = 0; n <= pooled_.runs; ++n) log_factorials_.push_back(boost::math::lgamma(n + 1.0));
    room_.assign(groups.size() + 1, 0);
    for (size_t i = groups.size(); i-- > 0;) room_[i] = room_[i + 1] + groups[i].runs;
    for (size_t i = 0; i < groups.size(); ++i) observed_ += log_choose(groups[i].runs, groups[i].hits);
    limit_ = observed_ + std::log1p(relative_error);
  }

  // How many there are. Not a number if there are more than a double holds.
  [[nodiscard]] double count() const {
    // As many as with hits and misses exchanged. The smaller number keeps rounding errors of the sums small.
    const auto hits_of_all = static_cast<size_t>(std::min(pooled_.hits, pooled_.runs - pooled_.hits));
    std::vector<double> ways = {1};  // by hits so far
    for (const Group& group : groups_) {
      const auto runs = static_cast<size_t>(group.runs);
      const size_t most = std::min(ways.size() - 1 + runs, hits_of_all);
      std::vector<double> next(most + 1, 0);
      double window = 0;
      for (size_t hits = 0; hits <= most; ++hits) {
        if (hits < ways.size()) window += ways[hits];
        if (hits > runs) window -= ways[hits - 1 - runs];
        next[hits] = window;
      }
      ways = std::move(next);
    }
    return ways.back();
  }

  // The probability of all tables that are at most as probable as the observed one.
  [[nodiscard]] double p_by_enumeration() const { return std::min(1.0, sum_from(0, pooled_.hits, 0)); }

  // Ends as soon as `enough` tables are as improbable as the observed one: p is their share (J. Besag, P.
  // Clifford, Sequential Monte Carlo p-values, Biometrika 78, 1991).
  [[nodiscard]] double p_by_drawing(int draws, int enough) const {
    std::mt19937_64 random(19510313);
    int as_extreme = 0;
    for (int i = 0; i < draws; ++i) {
      as_extreme += draw(random) <= limit_ ? 1 : 0;
      if (as_extreme == enough) return enough / (i + 1.0);
    }
    // The observed table is one of the tables: p is never 0 (B. Phipson, G. K. Smyth, Permutation p-values
    // should never be zero, Statistical Applications in Genetics and Molecular Biology 9, 2010).
    return (as_extreme + 1.0) / (draws + 1.0);
  }

 private:
  [[nodiscard]] double log_choose(int n, int k) const {
    return log_factorials_[static_cast<size_t>(n)] - log_factorials_[static_cast<size_t>(k)] -
           log_factorials_[static_cast<size_t>(n - k)];
  }

  [[nodiscard]] double sum_from(size_t index, int hits, double weight) const {
    if (index + 1 == groups_.size()) {
      weight += log_choose(groups_[index].runs, hits);
      return weight <= limit_ ? std::exp(weight - log_choose(pooled_.runs, pooled_.hits)) : 0;
    }
    const int runs = groups_[index].runs;
    double sum = 0;
    for (int here = std::max(0, hits - room_[index + 1]); here <= std::min(runs, hits); ++here)
      sum += sum_from(index + 1, hits - here, weight + log_choose(runs, here));
    return sum;
  }

  // A random table with these margins: the logarithm of its weight.
  double draw(std::mt19937_64& random) const {
    double weight = 0;
    int hits = pooled_.hits;
    for (size_t i = 0; i < groups_.size(); ++i) {
      const int here = draw_group(groups_[i].runs, room_[i], hits, random);
      weight += log_choose(groups_[i].runs, here);
      hits -= here;
    }
    return weight;
  }

  // Hypergeometric: how many of `hits` among `all` runs fall into a group of `runs`. By inversion, from the
  // mode to both sides.
  int draw_group(int runs, int all, int hits, std::mt19937_64& random) const {
    const int least = std::max(0, hits - (all - runs));
    const int most = std::min(runs, hits);
    const auto ratio = [&](int k) {  // P(k + 1) / P(k)
      return (hits - k + 0.0) * (runs - k) / ((k + 1.0) * (all - runs - hits + k + 1.0));
    };
    int down = std::clamp(static_cast<int>((hits + 1.0) * (runs + 1.0) / (all + 2.0)), least, most);
    int up = down;
    double down_p =
        std::exp(log_choose(runs, down) + log_choose(all - runs, hits - down) - log_choose(all, hits));
    double up_p = down_p;
    // std::uniform_real_distribution differs between libraries.
    double left = static_cast<double>(random() >> 11) * 0x1p-53 - down_p;
    int chosen = down;
    while (left > 0 && (down > least || up < most)) {
      if (up < most) {
        up_p *= ratio(up);
        left -= up_p;
        chosen = ++up;
        if (left <= 0) break;
      }
      if (down > least) {
        down_p /= ratio(--down);
        left -= down_p;
        chosen = down;
      }
    }
    return chosen;
  }

  std::vector<Group> groups_;
  Group pooled_;
  std::vector<double> log_factorials_;
  std::vector<int> room_;  // runs of this group and all after it
  double observed_ = 0;
  double limit_ = 0;
};

// The groups of one stratum: the first `count` of them are compared with the others.
class Division {
 public:
  explicit Division(const GroupStratum& stratum) : groups_(stratum.first), count_(stratum.first.size()) {
    groups_.insert(groups_.end(), stratum.second.begin(), stratum.second.end());
    const Group all = pooled(groups_);
    if (all.runs > 0) rate_ = static_cast<double>(all.hits) / all.runs;
  }
  // How many more hits the first groups have than their share.
  [[nodiscard]] double excess() const {
    double excess = 0;
    for (std::size_t i = 0; i < count_; ++i) excess += groups_[i].hits - rate_ * groups_[i].runs;
    return excess;
  }
  void shuffle(std::mt19937_64& random) {
    for (std::size_t i = 0; i < count_; ++i)
      std::swap(groups_[i], groups_[i + random() % (groups_.size() - i)]);
  }

 private:
  std::vector<Group> groups_;
  std::size_t count_;
  double rate_ = 0;
};

double excess_of(const std::vector<Division>& divisions) {
  double sum = 0;
  for (const Division& one : divisions) sum += one.excess();
  return std::abs(sum);
}

// A comparison asks about the same groups several times, and drawing takes up to seconds.
double drawn_p(const Tables& tables, const std::vector<Group>& groups, int runs) {
  constexpr std::size_t most_kept = 1000;
  thread_local std::map<std::vector<Group>, double, decltype(&is_before)> known(is_before);
  if (known.size() >= most_kept) known.clear();
  const auto [at, is_new] = known.try_emplace(groups, 0);
  const bool large = runs > many_runs || groups.size() > many_groups;
  const int enough = large ? enough_as_extreme : monte_carlo_draws;
  if (is_new) at->second = tables.p_by_drawing(monte_carlo_draws, enough);
  return at->second;
}

}  // namespace

Homogeneity homogeneity(const std::vector<Group>& all_groups) {
  const std::vector<Group> groups = without_empty(all_groups);
  const Group all = pooled(groups);
  if (groups.size() < 2 || all.hits == 0 || all.hits == all.runs) return {};
  // Of groups of one run, all tables are equally probable.
  if (all.runs == static_cast<int>(groups.size())) return {};
  const Tables tables(groups);
  if (tables.count() <= max_enumerated_tables) return {tables.p_by_enumeration(), true};
  return {drawn_p(tables, groups, all.runs), false};
}

Interval cluster_interval(const std::vector<Group>& all_groups) {
  const std::vector<Group> groups = without_empty(all_groups);
  if (groups.size() < 2) return {};
  const Group all = pooled(groups);
  const double rate = static_cast<double>(all.hits) / all.runs;
  double squares = 0;
  for (const Group& group : groups) squares += std::pow(group.hits - rate * group.runs, 2);
  const double count = static_cast<double>(groups.size());
  const double error = std::sqrt(count / (count - 1) * squares) / all.runs;
  const double t = boost::math::quantile(boost::math::students_t(count - 1), (1 + confidence_level) / 2);
  const Interval pooled_interval = exact_interval(all.hits, all.runs);
  return {std::max(0.0, std::min(pooled_interval.low, rate - t * error)),
          std::min(1.0, std::max(pooled_interval.high, rate + t * error))};
}

double permutation_p(const std::vector<GroupStratum>& strata) {
  constexpr double rounding = 1e-9;
  std::vector<Division> divisions(strata.begin(), strata.end());
  const double observed = excess_of(divisions) - rounding;
  std::mt19937_64 random(19350521);
  int as_extreme = 0;
  for (int i = 0; i < divisions_drawn; ++i) {
    for (Division& one : divisions) one.shuffle(random);
    as_extreme += excess_of(divisions) >= observed ? 1 : 0;
  }
  return (as_extreme + 1.0) / (divisions_drawn + 1.0);
}

}  // namespace hangar::stats
