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

void by_time_blocks(const Rows& first, const Rows& second, Question& question) {
  const auto before = in_time_blocks(first);
  const auto after = in_time_blocks(second);
  if (before.size() != after.size()) return;
  std::vector<stats::Stratum> strata;
  for (std::size_t i = 0; i < before.size(); ++i) strata.push_back(stratum_of(before[i], after[i]));
  ask_in_strata(strata, question);
  question.text += "; the rate changed over time, so that thirds of the runs are compared";
}

// The difference of two rates whose units are boots where these differ.
stats::RateDifference difference_by_boots(const Rows& first, const Rows& second) {
  const auto interval_of = [](const Rows& rows) {
    std::vector<stats::Group> groups;
    const Boots boots = boots_of(rows);
    for (const BootRate& boot : boots.known) groups.push_back(boot.rate);
    return boots_differ(boots) ? stats::cluster_interval(groups)
                               : stats::score_interval(hangs_of(rows).hits, hangs_of(rows).runs);
  };
  const double before = rate_of(hangs_of(first));
  const double after = rate_of(hangs_of(second));
  return {after - before,
          stats::interval_of_difference(after, interval_of(second), before, interval_of(first))};
}

constexpr const char* boots_are_units = "; boots differ, so that the interval takes them as its units";

void by_boots(const Rows& first, const Rows& second, Question& question) {
  const auto found = difference_by_boots(first, second);
  question.test.reset();
  question.p.reset();
  question.effect = Effect{"difference", found.difference, found.interval.low, found.interval.high};
  const bool excludes_zero = found.interval.low > 0 || found.interval.high < 0;
  question.says = excludes_zero ? direction(found.difference) : Says::cannot_tell;
  question.text += boots_are_units;
}

bool boots_differ_in(const std::string& scenario, const Arm& first, const Arm& second) {
  return boots_differ(boots_of(rows_of(first, scenario))) ||
         boots_differ(boots_of(rows_of(second, scenario)));
}

stats::Interval scaled(const stats::Interval& interval, double by) {
  return {by * interval.low, by * interval.high};
}

// The mean of the scenarios' differences, with the weights of Mantel and Haenszel. Its interval combines
// theirs (the source of stats::interval_of_difference; a sum is the difference of one and the other's
// negative).
stats::RateDifference difference_by_boots(const Arm& first, const Arm& second) {
  stats::RateDifference sum{0, {0, 0}};
  const auto strata = strata_of(first, second);
  double all = 0;
  for (const stats::Stratum& one : strata)
    all += static_cast<double>(one.first_runs) * one.second_runs / (one.first_runs + one.second_runs);
  for (const std::string& scenario : shared_scenarios(first, second)) {
    const Rows before = rows_of(first, scenario);
    const Rows after = rows_of(second, scenario);
    const auto runs = static_cast<double>(before.size());
    const double weight =
        runs * static_cast<double>(after.size()) / (runs + static_cast<double>(after.size())) / all;
    const auto one = difference_by_boots(before, after);
    const auto interval = scaled(one.interval, -weight);
    sum.interval = stats::interval_of_difference(sum.difference, sum.interval, -weight * one.difference,
                                                 {interval.high, interval.low});
    sum.difference += weight * one.difference;
  }
  return sum;
}

// Where boots differ, they are the units of the answer to a margin too.
void take_boots(const Arm& first, const Arm& second, Question& question) {
  const auto shared = shared_scenarios(first, second);
  const bool differ = std::any_of(shared.begin(), shared.end(), [&](const std::string& scenario) {
    return boots_differ_in(scenario, first, second);
  });
  if (!differ) return;
  const auto found = difference_by_boots(first, second);
  question.test.reset();
  question.p.reset();
  question.strata = 0;
  question.effect = Effect{"difference", found.difference, found.interval.low, found.interval.high};
  question.text = boots_are_units;
}

// The answer to a margin, by the interval of the difference.
void answer_margin(const stats::Stratum& sum, Question& question) {
  const double margin = *question.margin;
  const std::string why = question.text;
  if (*question.effect->high < margin) {
    question.says = Says::no_worse;
    question.text = "shown";
  } else if (*question.effect->low > 0) {
    question.says = Says::worse;
    question.text = "worse";
  } else {
    const auto runs = stats::runs_to_show_not_worse(sum.first_hits, sum.first_runs, sum.second_hits,
                                                    sum.second_runs, margin);
    question.text = "not shown: more runs will not show it";
    if (question.effect->value < margin && runs) {
      question.text = fmt::format("not shown yet: {} more runs per arm would do, if the observed rates persist",
                                  std::max(1, *runs - std::min(sum.first_runs, sum.second_runs)));
    }
  }
  question.text += why;
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
  if (changes_over("time", steady_before) || changes_over("time", steady_after))
    by_time_blocks(before, after, question);
  if (changes_over("boot", steady_before) || changes_over("boot", steady_after))
    by_boots(before, after, question);
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
    strata.push_back(stratum_of(rows_of(first, scenario), rows_of(second, scenario)));
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
                              strata.size());
  return question;
}

Question no_worse_than(const Arm& first, const Arm& second, double margin) {
  const auto strata = strata_of(first, second);
  Question question =
      about_rates(strata.size() == 1 ? shared_scenarios(first, second).front() : "", first, second);
  question.test = TestKind::score;
  question.p = stats::not_worse_p(strata, margin);
  question.margin = margin;
  take_difference(strata, question);
  take_boots(first, second, question);
  answer_margin(pooled(strata), question);
  return question;
}

std::vector<stats::RunPair> pairs_of(const Arm& first, const Arm& second) {
  std::vector<std::pair<std::string, stats::RunPair>> timed;
  int stratum = 0;
  for (const std::string& scenario : shared_scenarios(first, second)) {
    const Rows before = rows_of(first, scenario);
    const Rows after = rows_of(second, scenario);
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
      const stats::RunPair pair{!before[i]->hangs.empty(), !after[i]->hangs.empty(), stratum};
      timed.emplace_back(std::max(before[i]->id, after[i]->id), pair);
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
  Question question =
      about_rates(strata.size() == 1 ? shared_scenarios(first, second).front() : "", first, second);
  take_difference(strata, question);
  question.effect->low.reset();  // of a single look
  question.effect->high.reset();
  if (strata.size() == 1) {
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
