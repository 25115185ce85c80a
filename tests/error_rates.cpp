// SPDX-License-Identifier: GPL-2.0-only
#include "tests/error_rates.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <boost/math/distributions/binomial.hpp>
#include <fmt/format.h>

#include "harness/compare/primary.h"

namespace hangar::errors {
namespace {

constexpr double watched_s = 60;

// From 0 to 1. std::uniform_real_distribution may draw other numbers with another standard library.
double uniform(Random& random) {
  return std::ldexp(static_cast<double>(random() >> 11U), -53);
}

bool chance(Random& random, double probability) {
  return uniform(random) < probability;
}

// To a tenth of a second, so that there are ties.
double exponential_s(Random& random, double mean_s) {
  return std::round(-10 * mean_s * std::log1p(-uniform(random))) / 10;
}

// A fifth of the hangs is censored by SysRq f, others by the end of watching.
compare::HangRow drawn_hang(Random& random) {
  constexpr double mean_s = 20;
  compare::HangRow hang;
  hang.kind = HangKind::memory_stall;
  hang.start_s = std::min(exponential_s(random, 2), watched_s / 2);
  const double end_s = exponential_s(random, mean_s);
  const double key_s = chance(random, 0.2) ? exponential_s(random, mean_s) : watched_s;
  hang.duration_s = std::min({end_s, key_s, watched_s - hang.start_s});
  hang.censored = hang.duration_s < end_s;
  hang.ended_by = HangEnd::kill;
  return hang;
}

// 1.5 on average; a tenth of them by SysRq f.
std::vector<compare::KillRow> drawn_kills(Random& random) {
  std::vector<compare::KillRow> kills;
  while (chance(random, 0.6)) {
    const double victim = uniform(random);
    const double time_s = std::min(exponential_s(random, 15), watched_s);
    compare::KillRow& kill = kills.emplace_back();
    kill = {time_s, victim < 0.6 ? "hog" : victim < 0.9 ? "child" : "daemon", chance(random, 0.1), {}};
    if (chance(random, 0.8)) kill.free_s = time_s + exponential_s(random, 3);
  }
  std::sort(kills.begin(), kills.end(), [](const auto& a, const auto& b) { return a.time_s < b.time_s; });
  return kills;
}

compare::Row hung_row(std::size_t number, std::size_t scenario, bool hung, Random& random) {
  compare::Row row;
  row.id = fmt::format("{:06}-{}", number, scenario);
  row.scenario = fmt::format("scenario-{}", scenario);
  row.end = "done";
  row.verdict = "pass";
  row.watched_s = watched_s;
  row.boot = row.id;
  if (hung) row.hangs.push_back(drawn_hang(random));
  return row;
}

// A third of the runs stalls.
compare::PaceRow drawn_pace(Random& random) {
  compare::PaceRow pace;
  pace.ran_s = watched_s;
  if (chance(random, 0.3)) pace.stall_s = std::min(exponential_s(random, 10), watched_s - 1);
  pace.probe_median_ms = 1 + exponential_s(random, 3);
  pace.probe_p95_ms = *pace.probe_median_ms + exponential_s(random, 20);
  return pace;
}

void draw_details(compare::Row& row, Random& random) {
  row.pace = drawn_pace(random);
  row.exit_code = chance(random, 0.1) ? 1 : 0;
  row.kills = drawn_kills(random);
  if (chance(random, 0.05)) row.crashes.emplace_back("WARNING in f");
  for (const auto& [id, share] : {std::pair{"child-sacrificed", 0.5}, {"victim-exits-late", 0.1}}) {
    if (chance(random, share)) row.findings.emplace_back(id);
  }
}

double rate_of_run(const Scenario& scenario, double rate, int run, int runs) {
  return scenario.later_rate && 2 * run >= runs ? *scenario.later_rate : rate;
}

bool is_answered(const std::vector<stats::RunPair>& pairs) {
  int difference = 0;
  for (const stats::RunPair& pair : pairs) difference += (pair.second_hit ? 1 : 0) - (pair.first_hit ? 1 : 0);
  return difference != 0 && stats::equal_rates_p(pairs) <= compare::answered_p;
}

bool any_answer(const compare::Comparison& comparison, compare::Family family) {
  return std::any_of(comparison.questions.begin(), comparison.questions.end(), [family](const auto& one) {
    return one.family == family && one.says != compare::Says::cannot_tell;
  });
}

}  // namespace

Design equal_rates(double rate, int first_runs, int second_runs, int scenarios) {
  if (scenarios == 1) return {{first_runs, second_runs, rate, rate, {}, 1, {}}};
  Design design;
  for (const double factor : {0.5, 1.0, 1.5})
    design.push_back({first_runs, second_runs, rate * factor, rate * factor, {}, 1, {}});
  return design;
}

Design unequal_shares(double rate) {
  Design design = equal_rates(rate, 0, 0, 3);
  constexpr std::array<int, 3> runs = {15, 30, 45};
  for (std::size_t i = 0; i < design.size(); ++i) {
    design[i].first_runs = runs.at(i);
    design[i].second_runs = runs.at(runs.size() - 1 - i);
  }
  return design;
}

Design drifting(int runs, int scenarios) {
  return Design(static_cast<std::size_t>(scenarios), {runs, runs, 0.8, 0.8, 0.1, 1, {}});
}

Design differing_guests(int runs, int runs_of_guest, int scenarios) {
  const Scenario one{runs, runs, 0.1, 0.1, {}, runs_of_guest, 0.9};
  return Design(static_cast<std::size_t>(scenarios), one);
}

Design shifted(Design design, double difference) {
  for (Scenario& scenario : design) scenario.second_rate += difference;
  return design;
}

std::vector<compare::Arm> drawn_arms(const Design& design, Random& random, Detail detail) {
  const auto draw = [&](const std::string& name, int Scenario::*runs, double Scenario::*rate) {
    std::vector<compare::Row> rows;
    for (std::size_t i = 0; i < design.size(); ++i) {
      const Scenario& one = design[i];
      double own_rate = one.*rate;
      for (int run = 0; run < one.*runs; ++run) {
        if (one.other_rate && run % one.runs_of_guest == 0)
          own_rate = chance(random, 0.5) ? *one.other_rate : one.*rate;
        const bool hung = chance(random, rate_of_run(one, own_rate, run, one.*runs));
        rows.push_back(hung_row(rows.size(), i, hung, random));
        if (detail == Detail::all) draw_details(rows.back(), random);
        if (one.runs_of_guest > 1)
          rows.back().boot = fmt::format("{}-{}-{}", name, i, run / one.runs_of_guest);
      }
    }
    return compare::make_arm(name, std::move(rows));
  };
  auto first = draw("A", &Scenario::first_runs, &Scenario::first_rate);
  return {std::move(first), draw("B", &Scenario::second_runs, &Scenario::second_rate)};
}

std::vector<stats::RunPair> drawn_pairs(const Design& design, Random& random) {
  std::vector<stats::RunPair> pairs;
  for (int run = 0; run < design.front().first_runs; ++run) {
    for (std::size_t i = 0; i < design.size(); ++i) {
      const Scenario& one = design[i];
      const bool first = chance(random, rate_of_run(one, one.first_rate, run, one.first_runs));
      const bool second = chance(random, rate_of_run(one, one.second_rate, run, one.first_runs));
      pairs.push_back({first, second, static_cast<int>(i)});
    }
  }
  return pairs;
}

std::vector<compare::Arm> arms_of(const std::vector<stats::RunPair>& pairs) {
  std::vector<compare::Row> first;
  std::vector<compare::Row> second;
  Random unused(0);
  for (const stats::RunPair& pair : pairs) {
    const auto scenario = static_cast<std::size_t>(pair.stratum);
    first.push_back(hung_row(first.size(), scenario, pair.first_hit, unused));
    second.push_back(hung_row(second.size(), scenario, pair.second_hit, unused));
  }
  return {compare::make_arm("A", std::move(first)), compare::make_arm("B", std::move(second))};
}

// The p value is the smallest of all pairs so far: it never rises.
std::optional<int> pairs_until_answer(const std::vector<stats::RunPair>& pairs) {
  const auto after = [&](int count) { return std::vector(pairs.begin(), pairs.begin() + count); };
  const auto all = static_cast<int>(pairs.size());
  if (stats::equal_rates_p(pairs) > compare::answered_p) return std::nullopt;
  int open = 0;
  int small = all;
  while (small - open > 1) {
    const int middle = (open + small) / 2;
    (stats::equal_rates_p(after(middle)) <= compare::answered_p ? small : open) = middle;
  }
  while (small <= all && !is_answered(after(small))) ++small;
  return small <= all ? std::optional(small) : std::nullopt;
}

std::optional<int> pairs_until_compared(const std::vector<stats::RunPair>& pairs) {
  for (std::size_t count = 1; count <= pairs.size(); ++count) {
    const std::vector<stats::RunPair> now(pairs.begin(), pairs.begin() + static_cast<long>(count));
    const auto comparison = compare::compare_arms(arms_of(now), {std::nullopt, true});
    if (any_answer(comparison, compare::Family::primary)) return static_cast<int>(count);
  }
  return std::nullopt;
}

bool is_above(const Share& share, double bound) {
  if (share.answers == 0) return false;
  constexpr double improbable = 0.001;
  const boost::math::binomial_distribution<> answers(share.trials, bound);
  return boost::math::cdf(boost::math::complement(answers, share.answers - 1)) < improbable;
}

FalseAnswers compared(const Design& design, int trials, Random& random) {
  FalseAnswers found;
  for (int trial = 0; trial < trials; ++trial) {
    const auto comparison = compare::compare_arms(drawn_arms(design, random));
    found.primary.add(any_answer(comparison, compare::Family::primary));
    found.exploratory.add(any_answer(comparison, compare::Family::exploratory));
  }
  return found;
}

Share compared_in_pairs(const Design& design, int trials, Random& random) {
  Share found;
  for (int trial = 0; trial < trials; ++trial) {
    const auto arms = drawn_arms(design, random, Detail::hangs);
    found.add(stats::equal_rates_p(compare::pairs_of(arms[0], arms[1])) <= compare::answered_p);
  }
  return found;
}

MarginAnswers compared_with_margin(const Design& design, double margin, int trials, Random& random) {
  MarginAnswers found;
  for (int trial = 0; trial < trials; ++trial) {
    const auto arms = drawn_arms(design, random, Detail::hangs);
    const auto question = compare::no_worse_than(arms[0], arms[1], margin);
    found.no_worse.add(question.says == compare::Says::no_worse);
    found.worse.add(question.says == compare::Says::worse);
  }
  return found;
}

std::vector<int> pairs_needed(const Design& design, int trials, Random& random) {
  std::vector<int> needed;
  for (int trial = 0; trial < trials; ++trial) {
    const auto pairs = drawn_pairs(design, random);
    needed.push_back(pairs_until_answer(pairs).value_or(static_cast<int>(pairs.size()) + 1));
  }
  std::sort(needed.begin(), needed.end());
  return needed;
}

Share answered_within(const std::vector<int>& needed, int pairs) {
  const auto after = std::upper_bound(needed.begin(), needed.end(), pairs);
  return {static_cast<int>(after - needed.begin()), static_cast<int>(needed.size())};
}

double mean_pairs(const std::vector<int>& needed, int pairs) {
  double sum = 0;
  for (const int one : needed) sum += std::min(one, pairs);
  return sum / static_cast<double>(needed.size());
}

}  // namespace hangar::errors
