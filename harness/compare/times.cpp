// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/times.h"

#include <fmt/format.h>

#include "harness/compare/row_times.h"
#include "harness/compare/steady.h"
#include "harness/stats/strata.h"

namespace hangar::compare {
namespace {

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
    question.text = fmt::format("{}; before {}", times_text(new_times), times_text(old_times));
    question.text += within.text("the hang rate");
  }
  return questions;
}

}  // namespace hangar::compare
