// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/times.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "harness/compare/steady.h"
#include "harness/stats/strata.h"
#include "harness/stats/survival.h"

namespace hangar::compare {
namespace {

using Durations = std::vector<stats::Duration>;
using TimeOf = std::optional<stats::Duration> (*)(const Row&);

std::optional<stats::Duration> hang_duration(const Row& row) {
  const HangRow* hang = longest_hang(row);
  if (hang == nullptr) return std::nullopt;
  return stats::Duration{hang->duration_s, hang->censored};
}

std::optional<stats::Duration> time_to_stall(const Row& row) {
  if (!row.pace) return std::nullopt;
  return stats::Duration{row.pace->stall_s.value_or(row.pace->ran_s), !row.pace->stall_s};
}

// The first kill, our own ones included: after one of those the course is no longer the kernel's.
const KillRow* first_kill(const Row& row) {
  const auto first = std::min_element(row.kills.begin(), row.kills.end(),
                                      [](const KillRow& a, const KillRow& b) { return a.time_s < b.time_s; });
  return first == row.kills.end() ? nullptr : &*first;
}

double end_of(const Row& row) {
  return row.pace ? row.pace->ran_s : row.watched_s;
}

std::optional<stats::Duration> time_to_first_kill(const Row& row) {
  const KillRow* kill = first_kill(row);
  if (kill == nullptr) return stats::Duration{end_of(row), true};
  return stats::Duration{std::max(0.0, kill->time_s), kill->sysrq};
}

std::optional<stats::Duration> time_to_free(const Row& row) {
  const KillRow* kill = first_kill(row);
  if (kill == nullptr || kill->sysrq || !row.pace) return std::nullopt;
  double until_s = end_of(row);
  for (const KillRow& other : row.kills) {
    if (other.sysrq) until_s = std::min(until_s, other.time_s);
  }
  const bool seen = kill->free_s && *kill->free_s <= until_s;
  return stats::Duration{std::max(0.0, (seen ? *kill->free_s : until_s) - kill->time_s), !seen};
}

Durations times_in(const Rows& rows, TimeOf of) {
  Durations times;
  for (const Row* row : rows) {
    if (const auto time = of(*row)) times.push_back(*time);
  }
  return times;
}

bool any_ended(const Durations& times) {
  return std::any_of(times.begin(), times.end(), [](const stats::Duration& one) { return !one.censored; });
}

std::string median_of(const Durations& times) {
  if (times.empty()) return "none";
  if (any_ended(times))
    return fmt::format("{}: {}", times.size(), stats::median_text(stats::quantile(stats::survival(times))));
  const auto least = std::min_element(times.begin(), times.end(),
                                      [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
  return fmt::format("all {} longer than {:.0f} s", times.size(), least->seconds);
}

// What a question of this kind asks of the runs.
struct Timed {
  What what;
  TimeOf of;
  Says sooner;  // if what is timed comes sooner in the second arm
  Says later;
};

constexpr Timed all_timed[] = {{What::hang_duration, hang_duration, Says::better, Says::worse},
                               {What::time_to_stall, time_to_stall, Says::worse, Says::better},
                               {What::time_to_first_kill, time_to_first_kill, Says::differs, Says::differs},
                               {What::time_to_free, time_to_free, Says::better, Says::worse}};

void take_log_rank(const std::vector<stats::DurationStratum>& strata, Question& question) {
  const stats::LogRank test = stats::stratified_log_rank(strata);
  question.test = strata.size() > 1 ? TestKind::stratified_log_rank : TestKind::log_rank;
  question.strata = strata.size() > 1 ? static_cast<int>(strata.size()) : 0;
  question.p = test.p;
  if (test.variance > 0)
    question.statistic = (test.observed - test.expected) * (test.observed - test.expected) / test.variance;
  if (test.hazard_ratio)
    question.effect = Effect{"hazard-ratio", *test.hazard_ratio, test.ratio_low, test.ratio_high};
}

// The second arm's times first, so that the ratio is its hazard against that of the first arm.
std::vector<stats::DurationStratum> times_of(const StrataWithin& within, TimeOf of) {
  std::vector<stats::DurationStratum> strata;
  for (const BothRows& both : within.strata)
    strata.push_back({times_in(both.second, of), times_in(both.first, of)});
  return strata;
}

}  // namespace

std::vector<Question> ask_about_times(const std::string& scenario, const Arm& first, const Arm& second) {
  const Rows before = rows_of(first, scenario);
  const Rows after = rows_of(second, scenario);
  const StrataWithin within = strata_within(before, after, drifts(before) || drifts(after));
  std::vector<Question> questions;
  for (const Timed& timed : all_timed) {
    const Durations old_times = times_in(before, timed.of);
    const Durations new_times = times_in(after, timed.of);
    const bool of_hangs = timed.what == What::hang_duration;
    if (old_times.empty() || new_times.empty()) continue;
    if (!of_hangs && !any_ended(old_times) && !any_ended(new_times)) continue;
    Question& question = questions.emplace_back(
        question_about(timed.what, Family::exploratory, scenario, {first.name, second.name}));
    take_log_rank(times_of(within, timed.of), question);
    if (question.effect) question.leaning = question.effect->value > 1 ? timed.sooner : timed.later;
    question.text = fmt::format("{}; before {}", median_of(new_times), median_of(old_times));
    question.text += within.text("the hang rate");
  }
  return questions;
}

}  // namespace hangar::compare
