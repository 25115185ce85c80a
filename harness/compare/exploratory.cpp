// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/exploratory.h"

#include <algorithm>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "harness/stats/cluster.h"
#include "harness/stats/interval.h"
#include "harness/stats/ranks.h"
#include "harness/stats/survival.h"

namespace hangar::compare {
namespace {

using Rows = std::vector<const Row*>;
using Names = std::set<std::string>;

// The runs of both arms that a question is about.
struct Both {
  const Arm& first_arm;
  const Arm& second_arm;
  std::string scenario;
  Rows first;
  Rows second;
};

Question asked(const Both& both, What what) {
  Question question;
  question.scenario = both.scenario;
  question.family = Family::exploratory;
  question.what = what;
  question.arms = {both.first_arm.name, both.second_arm.name};
  return question;
}

std::vector<stats::Duration> hang_durations(const Rows& rows) {
  std::vector<stats::Duration> durations;
  for (const Row* row : rows) {
    if (const HangRow* hang = longest_hang(*row)) durations.push_back({hang->duration_s, hang->censored});
  }
  return durations;
}

std::vector<stats::Duration> times_to_kill(const Rows& rows) {
  std::vector<stats::Duration> times;
  for (const Row* row : rows) {
    stats::Duration time{row->watched_s, true};
    for (const KillRow& kill : row->kills) {
      if (kill.time_s < time.seconds) time = {std::max(0.0, kill.time_s), kill.sysrq};
    }
    times.push_back(time);
  }
  return times;
}

void take_log_rank(const std::vector<stats::Duration>& first, const std::vector<stats::Duration>& second,
                   Question& question) {
  const stats::LogRank test = stats::log_rank(second, first);
  question.test = TestKind::log_rank;
  question.p = test.p;
  if (test.variance > 0)
    question.statistic = (test.observed - test.expected) * (test.observed - test.expected) / test.variance;
  if (test.hazard_ratio)
    question.effect = Effect{"hazard-ratio", *test.hazard_ratio, test.ratio_low, test.ratio_high};
}

std::string median_of(const std::vector<stats::Duration>& durations) {
  if (durations.empty()) return "none";
  const auto ended = std::count_if(durations.begin(), durations.end(),
                                   [](const stats::Duration& one) { return !one.censored; });
  if (ended == 0) {
    const auto least = std::min_element(durations.begin(), durations.end(),
                                        [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
    return fmt::format("all {} longer than {:.0f} s", durations.size(), least->seconds);
  }
  return fmt::format("{}: {}", durations.size(),
                     stats::median_text(stats::quantile(stats::survival(durations))));
}

std::vector<Question> durations(const Both& both) {
  std::vector<Question> questions;
  const auto first = hang_durations(both.first);
  const auto second = hang_durations(both.second);
  if (!first.empty() && !second.empty()) {
    Question& question = questions.emplace_back(asked(both, What::hang_duration));
    take_log_rank(first, second, question);
    if (question.effect) question.leaning = question.effect->value > 1 ? Says::better : Says::worse;
    question.text = fmt::format("{}; before {}", median_of(second), median_of(first));
  }
  const auto before = times_to_kill(both.first);
  const auto after = times_to_kill(both.second);
  const auto killed = [](const stats::Duration& time) { return !time.censored; };
  if (std::any_of(before.begin(), before.end(), killed) || std::any_of(after.begin(), after.end(), killed)) {
    Question& question = questions.emplace_back(asked(both, What::time_to_first_kill));
    take_log_rank(before, after, question);
    question.leaning = Says::differs;
    question.text = fmt::format("{}; before {}", median_of(after), median_of(before));
  }
  return questions;
}

std::vector<double> kills_in(const Rows& rows) {
  std::vector<double> counts;
  for (const Row* row : rows) {
    counts.push_back(static_cast<double>(std::count_if(row->kills.begin(), row->kills.end(),
                                                       [](const KillRow& kill) { return !kill.sysrq; })));
  }
  return counts;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

Question kills(const Both& both) {
  const auto before = kills_in(both.first);
  const auto after = kills_in(both.second);
  const stats::RankTest test = stats::rank_test(before, after);
  Question question = asked(both, What::oom_kills);
  question.test = TestKind::mann_whitney;
  question.p = test.p;
  question.effect = Effect{"second-is-less", test.second_is_less, test.interval.low, test.interval.high};
  question.leaning = Says::differs;
  question.text = fmt::format("{:.2f} in a run on average, before {:.2f}", mean_of(after), mean_of(before));
  return question;
}

// Fisher's test of the runs that have something.
Question share(const Both& both, What what, const std::function<bool(const Row&)>& has) {
  const auto hits = [&](const Rows& rows) {
    return static_cast<int>(
        std::count_if(rows.begin(), rows.end(), [&](const Row* row) { return has(*row); }));
  };
  const stats::Group a{hits(both.first), static_cast<int>(both.first.size())};
  const stats::Group b{hits(both.second), static_cast<int>(both.second.size())};
  Question question = asked(both, what);
  question.test = TestKind::fisher;
  question.p = stats::homogeneity({a, b}).p;
  const auto interval = stats::difference_interval(b.hits, b.runs, a.hits, a.runs);
  const double difference = static_cast<double>(b.hits) / b.runs - static_cast<double>(a.hits) / a.runs;
  question.effect = Effect{"difference", difference, interval.low, interval.high};
  question.leaning = Says::differs;
  const char* news = a.hits == 0 ? "new" : b.hits == 0 ? "gone" : "common";
  question.text = fmt::format("{}: {} of {} runs, before {} of {}", news, b.hits, b.runs, a.hits, a.runs);
  return question;
}

Names victims_of(const Row& row) {
  Names names;
  for (const KillRow& kill : row.kills) {
    if (!kill.sysrq) names.insert(kill.who);
  }
  return names;
}

Names names_in(const Both& both, const std::function<Names(const Row&)>& of) {
  Names all;
  for (const Rows* rows : {&both.first, &both.second}) {
    for (const Row* row : *rows) all.merge(of(*row));
  }
  return all;
}

// A question for each name that a run of either arm has.
void ask_each(const Both& both, What what, const std::function<Names(const Row&)>& of,
              std::string Question::*name, std::vector<Question>& questions) {
  for (const std::string& one : names_in(both, of)) {
    questions.push_back(share(both, what, [&](const Row& row) { return of(row).count(one) != 0; }));
    questions.back().*name = one;
  }
}

}  // namespace

std::vector<Question> explore(const std::string& scenario, const Arm& first, const Arm& second) {
  const Both both{first, second, scenario, rows_of(first, scenario), rows_of(second, scenario)};
  std::vector<Question> questions = durations(both);
  questions.push_back(kills(both));
  ask_each(both, What::victims, victims_of, &Question::role, questions);
  ask_each(
      both, What::crashes, [](const Row& row) { return Names(row.crashes.begin(), row.crashes.end()); },
      &Question::title, questions);
  ask_each(
      both, What::findings, [](const Row& row) { return Names(row.findings.begin(), row.findings.end()); },
      &Question::title, questions);
  const auto failed = [](const Row& row) { return row.exit_code.value_or(0) != 0; };
  const auto any_failed = [&](const Rows& rows) {
    return std::any_of(rows.begin(), rows.end(), [&](const Row* row) { return failed(*row); });
  };
  if (any_failed(both.first) || any_failed(both.second))
    questions.push_back(share(both, What::program_result, failed));
  return questions;
}

}  // namespace hangar::compare
