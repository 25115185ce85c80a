// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/primary.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/compare/boots.h"
#include "harness/stats/power.h"

namespace hangar::compare {
namespace {

double rate_of(const stats::Group& group) {
  return group.runs == 0 ? 0 : static_cast<double>(group.hits) / group.runs;
}

Says direction(double difference) {
  if (difference == 0) return Says::cannot_tell;
  return difference < 0 ? Says::better : Says::worse;
}

std::string counts(const stats::Group& first, const stats::Group& second) {
  return fmt::format("{} of {} against {} of {}", second.hits, second.runs, first.hits, first.runs);
}

Question about_rates(const std::string& scenario, const Arm& first, const Arm& second) {
  return question_about(What::hang_rate, Family::primary, scenario, {first.name, second.name});
}

stats::Stratum stratum_of(const Rows& first, const Rows& second) {
  const stats::Group a = hangs_of(first);
  const stats::Group b = hangs_of(second);
  return {a.hits, a.runs, b.hits, b.runs};
}

// The difference within the strata, and where it leans.
void take_difference(const std::vector<stats::Stratum>& strata, Question& question) {
  const auto found = stats::rate_difference(strata);
  question.strata = strata.size() > 1 ? static_cast<int>(strata.size()) : 0;
  question.effect = Effect{"difference", found.difference, found.interval.low, found.interval.high};
  question.leaning = direction(found.difference);
}

// Mantel and Haenszel's test in the strata.
void ask_in_strata(const std::vector<stats::Stratum>& strata, Question& question) {
  question.test = TestKind::mantel_haenszel;
  question.p = stats::mantel_haenszel_p(strata);
  take_difference(strata, question);
}

void by_nodes_and_time(const Rows& first, const Rows& second, bool drifted, Question& question) {
  const StrataWithin within = strata_within(first, second, drifted);
  if (within.strata.size() < 2) return;
  std::vector<stats::Stratum> strata;
  for (const BothRows& both : within.strata) strata.push_back(stratum_of(both.first, both.second));
  ask_in_strata(strata, question);
  question.text += within.text("the rate");
}

double weight_of(const BothRows& both) {
  const auto first = static_cast<double>(both.first.size());
  const auto second = static_cast<double>(both.second.size());
  return first * second / (first + second);
}

bool any_boots_differ(const std::vector<BothRows>& scenarios) {
  return std::any_of(scenarios.begin(), scenarios.end(), [](const BothRows& both) {
    return boots_differ(boots_of(both.first)) || boots_differ(boots_of(both.second));
  });
}

// A run of an unknown boot is a group by itself.
std::vector<stats::Group> groups_of(const Rows& rows) {
  std::vector<stats::Group> groups;
  for (const BootRate& boot : boots_of(rows).known) groups.push_back(boot.rate);
  for (const Row* row : rows) {
    if (!row->boot) groups.push_back({row->hangs.empty() ? 0 : 1, 1});
  }
  return groups;
}

stats::Interval interval_by_boots(const Rows& rows) {
  const stats::Group all = hangs_of(rows);
  return boots_differ(boots_of(rows)) ? stats::cluster_interval(groups_of(rows))
                                      : stats::score_interval(all.hits, all.runs);
}

// With boots as the units of the interval.
Effect difference_by_boots(const BothRows& both) {
  const double before = rate_of(hangs_of(both.first));
  const double after = rate_of(hangs_of(both.second));
  const stats::Interval interval = stats::interval_of_difference(after, interval_by_boots(both.second),
                                                                 before, interval_by_boots(both.first));
  return {"difference", after - before, interval.low, interval.high};
}

// With boots as the units of the test and of the interval. Over scenarios, the difference and the limits are
// means with the weights of Mantel and Haenszel. Such limits are wider than necessary, but few boots of each
// scenario do not suffice for narrower ones.
void by_boots(const std::vector<BothRows>& scenarios, Question& question) {
  std::vector<stats::GroupStratum> strata;
  double weights = 0;
  for (const BothRows& both : scenarios) {
    strata.push_back({groups_of(both.first), groups_of(both.second)});
    weights += weight_of(both);
  }
  Effect mean{"difference", 0, 0, 0};
  for (const BothRows& both : scenarios) {
    const Effect own = difference_by_boots(both);
    const double share = weight_of(both) / weights;
    mean.value += share * own.value;
    *mean.low += share * *own.low;
    *mean.high += share * *own.high;
  }
  question.test.reset();
  question.p = stats::permutation_p(strata);
  question.effect = mean;
  question.leaning = direction(mean.value);
  question.strata = scenarios.size() > 1 ? static_cast<int>(scenarios.size()) : 0;
}

constexpr const char* by_boots_text = "boots differ, so that they are the units of the comparison";

// "" if the arms share several.
std::string only_scenario(const Arm& first, const Arm& second) {
  const auto shared = shared_scenarios(first, second);
  return shared.size() == 1 ? shared.front() : "";
}

std::vector<BothRows> by_scenario(const Arm& first, const Arm& second) {
  std::vector<BothRows> scenarios;
  for (const std::string& scenario : shared_scenarios(first, second))
    scenarios.push_back({rows_of(first, scenario), rows_of(second, scenario)});
  return scenarios;
}

// What it would take to show a margin that is not shown.
std::string not_shown_text(const stats::Stratum& sum, double difference, double margin) {
  const auto runs =
      stats::runs_to_show_not_worse(sum.first_hits, sum.first_runs, sum.second_hits, sum.second_runs, margin);
  if (difference >= margin || !runs) return "not shown: more runs will not show it";
  return fmt::format("not shown yet: {} more runs per arm would do, if the observed rates persist",
                     std::max(1, *runs - std::min(sum.first_runs, sum.second_runs)));
}

}  // namespace

Question hang_rate_in(const std::string& scenario, const Arm& first, const Arm& second) {
  const Rows before = rows_of(first, scenario);
  const Rows after = rows_of(second, scenario);
  const stats::Group a = hangs_of(before);
  const stats::Group b = hangs_of(after);
  Question question = about_rates(scenario, first, second);
  question.test = TestKind::fisher;
  question.p = stats::homogeneity({a, b}).p;
  const stats::Interval interval = stats::difference_interval(b.hits, b.runs, a.hits, a.runs);
  question.effect = Effect{"difference", rate_of(b) - rate_of(a), interval.low, interval.high};
  question.leaning = direction(question.effect->value);
  question.text = counts(a, b);
  const auto steady_before = steadiness_of(first.name, scenario, before);
  const auto steady_after = steadiness_of(second.name, scenario, after);
  const bool drifted = changes_over("time", steady_before) || changes_over("time", steady_after);
  by_nodes_and_time(before, after, drifted, question);
  if (changes_over("boot", steady_before) || changes_over("boot", steady_after)) {
    by_boots({{before, after}}, question);
    question.text += fmt::format("; {}", by_boots_text);
  }
  return question;
}

stats::Stratum pooled(const std::vector<stats::Stratum>& strata) {
  stats::Stratum sum;
  for (const stats::Stratum& one : strata) {
    sum = {sum.first_hits + one.first_hits, sum.first_runs + one.first_runs,
           sum.second_hits + one.second_hits, sum.second_runs + one.second_runs};
  }
  return sum;
}

std::vector<stats::Stratum> strata_of(const Arm& first, const Arm& second) {
  std::vector<stats::Stratum> strata;
  for (const std::string& scenario : shared_scenarios(first, second)) {
    for (const BothRows& both : by_node(rows_of(first, scenario), rows_of(second, scenario)))
      strata.push_back(stratum_of(both.first, both.second));
  }
  return strata;
}

Question hang_rate_overall(const Arm& first, const Arm& second) {
  const auto strata = strata_of(first, second);
  Question question = about_rates("", first, second);
  ask_in_strata(strata, question);
  const stats::Stratum sum = pooled(strata);
  question.text = fmt::format("{} over {} scenarios",
                              counts({sum.first_hits, sum.first_runs}, {sum.second_hits, sum.second_runs}),
                              shared_scenarios(first, second).size());
  if (const auto scenarios = by_scenario(first, second); any_boots_differ(scenarios)) {
    by_boots(scenarios, question);
    question.text += fmt::format("; {}", by_boots_text);
  }
  return question;
}

Question no_worse_than(const Arm& first, const Arm& second, double margin) {
  const auto strata = strata_of(first, second);
  Question question = about_rates(only_scenario(first, second), first, second);
  question.test = TestKind::score;
  question.p = stats::not_worse_p(strata, margin);
  question.margin = margin;
  take_difference(strata, question);
  const auto scenarios = by_scenario(first, second);
  const bool boots = any_boots_differ(scenarios);
  if (boots) {
    by_boots(scenarios, question);
    question.p.reset();  // of equal rates
  }
  if (*question.effect->high < margin) {
    question.says = Says::no_worse;
    question.text = "shown";
  } else if (*question.effect->low > 0) {
    question.says = Says::worse;
    question.text = "worse";
  } else {
    question.text = boots ? fmt::format("not shown: {}", by_boots_text)
                          : not_shown_text(pooled(strata), question.effect->value, margin);
  }
  return question;
}

std::vector<stats::RunPair> pairs_of(const Arm& first, const Arm& second) {
  std::vector<std::pair<std::string, stats::RunPair>> timed;
  int stratum = 0;
  for (const std::string& scenario : shared_scenarios(first, second)) {
    for (const auto& [before, after] : by_node(rows_of(first, scenario), rows_of(second, scenario))) {
      for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
        const stats::RunPair pair{!before[i]->hangs.empty(), !after[i]->hangs.empty(), stratum};
        timed.emplace_back(std::max(before[i]->id, after[i]->id), pair);
      }
    }
    ++stratum;
  }
  std::stable_sort(timed.begin(), timed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<stats::RunPair> pairs;
  for (const auto& [id, pair] : timed) pairs.push_back(pair);
  return pairs;
}

Question sequential_rate(const Arm& first, const Arm& second) {
  const auto strata = strata_of(first, second);
  const auto pairs = pairs_of(first, second);
  const stats::Stratum sum = pooled(strata);
  const std::string scenario = only_scenario(first, second);
  Question question = about_rates(scenario, first, second);
  take_difference(strata, question);
  question.effect->low.reset();  // of a single look
  question.effect->high.reset();
  if (!scenario.empty()) {
    const auto sequence = stats::difference_sequence(pairs);
    question.effect->low = sequence.low;
    question.effect->high = sequence.high;
  }
  question.test = TestKind::sequential;
  question.p = stats::equal_rates_p(pairs);
  question.text =
      fmt::format("{} after {} pairs",
                  counts({sum.first_hits, sum.first_runs}, {sum.second_hits, sum.second_runs}), pairs.size());
  return question;
}

Question sequential_no_worse_than(const Arm& first, const Arm& second, double margin) {
  Question question = sequential_rate(first, second);
  question.p = stats::not_worse_p(pairs_of(first, second), margin);
  question.margin = margin;
  if (*question.p <= answered_p) {
    question.says = Says::no_worse;
    question.text = "shown";
  } else if (question.effect->low.value_or(-1) > 0) {
    question.says = Says::worse;
    question.text = "worse";
  } else {
    question.text = "not shown yet";
  }
  return question;
}

}  // namespace hangar::compare
