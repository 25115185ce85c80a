// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/exploratory.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "harness/compare/times.h"
#include "harness/stats/cluster.h"
#include "harness/stats/interval.h"
#include "harness/stats/ranks.h"

namespace hangar::compare {
namespace {

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
  return question_about(what, Family::exploratory, both.scenario,
                        {both.first_arm.name, both.second_arm.name});
}

std::vector<double> kills_in(const Rows& rows) {
  std::vector<double> counts;
  for (const Row* row : rows) {
    counts.push_back(static_cast<double>(std::count_if(row->kills.begin(), row->kills.end(),
                                                       [](const KillRow& kill) { return !kill.sysrq; })));
  }
  return counts;
}

void take_rank_test(const std::vector<double>& before, const std::vector<double>& after, Question& question) {
  const stats::RankTest test = stats::rank_test(before, after);
  question.test = TestKind::mann_whitney;
  question.p = test.p;
  question.effect = Effect{"second-is-less", test.second_is_less, test.interval.low, test.interval.high};
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

Question kills(const Both& both) {
  const auto before = kills_in(both.first);
  const auto after = kills_in(both.second);
  Question question = asked(both, What::oom_kills);
  take_rank_test(before, after, question);
  question.leaning = Says::differs;
  question.text = fmt::format("{:.2f} in a run on average, before {:.2f}", mean_of(after), mean_of(before));
  return question;
}

// The 95th percentile of a round of the probe in each run. A run that hung has the longest.
std::vector<double> latencies_in(const Rows& rows) {
  std::vector<double> latencies;
  for (const Row* row : rows) {
    if (!row->hangs.empty()) {
      latencies.push_back(std::numeric_limits<double>::infinity());
    } else if (row->pace && row->pace->probe_p95_ms) {
      latencies.push_back(*row->pace->probe_p95_ms);
    }
  }
  std::sort(latencies.begin(), latencies.end());
  return latencies;
}

std::string middle_of(const std::vector<double>& sorted) {
  const double middle = sorted[(sorted.size() - 1) / 2];
  return std::isinf(middle) ? "hung" : fmt::format("{:.1f} ms", middle);
}

// Nothing where no run of an arm has a round of the probe that was timed.
std::vector<Question> probe_latency(const Both& both) {
  const auto measured = [](const Rows& rows) {
    return std::any_of(rows.begin(), rows.end(),
                       [](const Row* row) { return row->pace && row->pace->probe_p95_ms; });
  };
  if (!measured(both.first) && !measured(both.second)) return {};
  const auto before = latencies_in(both.first);
  const auto after = latencies_in(both.second);
  if (before.empty() || after.empty()) return {};
  Question question = asked(both, What::probe_latency);
  take_rank_test(before, after, question);
  question.leaning = question.effect->value > 0.5 ? Says::better : Says::worse;
  question.text =
      fmt::format("95th percentile, median of the runs: {}, before {}", middle_of(after), middle_of(before));
  return {question};
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
  std::vector<Question> questions = ask_about_times(scenario, first, second);
  questions.push_back(kills(both));
  for (Question& question : probe_latency(both)) questions.push_back(std::move(question));
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
