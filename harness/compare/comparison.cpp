// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/comparison.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/compare/exploratory.h"
#include "harness/compare/primary.h"
#include "harness/stats/power.h"

namespace hangar::compare {
namespace {

using nlohmann::ordered_json;

std::string points(double difference) {
  const double hundredths = 100 * difference;
  return fmt::format("{:.0f} point{}", hundredths, std::lround(hundredths) == 1 ? "" : "s");
}

std::string p_text(double p) {
  return p < 0.0001 ? "p < 0.0001" : fmt::format("p = {:.2g}", p);
}

// "cannot tell: 40 runs per arm detect a difference of 30 points (80% power); 15 points need about 130 runs
// per arm"
std::string power_text(const std::vector<stats::Stratum>& strata) {
  const stats::Stratum sum = pooled(strata);
  int per_arm = 0;
  for (const stats::Stratum& one : strata) per_arm += std::min(one.first_runs, one.second_runs);
  const double rate = sum.first_runs == 0 ? 0 : static_cast<double>(sum.first_hits) / sum.first_runs;
  const auto detectable = stats::detectable_difference(per_arm, rate);
  std::string text = detectable ? fmt::format("{} runs per arm detect a difference of {} (80% power)",
                                              per_arm, points(*detectable))
                                : fmt::format("{} per arm: too few to detect any difference",
                                              per_arm == 1 ? "1 run" : fmt::format("{} runs", per_arm));
  const double half = detectable ? std::ceil(*detectable * 50) / 100 : 0.3;
  if (const auto needed = stats::runs_to_detect(rate, half))
    text += fmt::format("; {} need about {} runs per arm", points(half), *needed);
  return text;
}

std::string difference_text(const Question& question) {
  const Effect& effect = *question.effect;
  if (!effect.low || !effect.high) return fmt::format("difference {:.2f}", effect.value);
  return fmt::format("difference {:.2f}, 95%: {:.2f} to {:.2f}", effect.value, *effect.low, *effect.high);
}

std::string sentence_of(const Question& question, const std::vector<stats::Stratum>& strata) {
  const std::string& second = question.arms.at(1);
  if (question.says == Says::cannot_tell && question.test == TestKind::sequential)
    return fmt::format("{}: cannot tell yet: {} ({}).", second, question.text, difference_text(question));
  if (question.says == Says::cannot_tell)
    return fmt::format("{}: cannot tell: {}.", second, power_text(strata));
  const char* how = question.says == Says::better ? "less often" : "more often";
  return fmt::format("{} hangs {}: {} ({}{}).", second, how, question.text, difference_text(question),
                     question.p_adjusted ? "; " + p_text(*question.p_adjusted) : "");
}

// "B: no worse than A by 0.1: shown; 0 of 40 against 0 of 40 (difference 0.00, 95%: -0.09 to 0.09)."
std::string margin_sentence(const Question& question, const std::vector<stats::Stratum>& strata) {
  const stats::Stratum sum = pooled(strata);
  const std::string counts = fmt::format("{} of {} against {} of {} ({})", sum.second_hits, sum.second_runs,
                                         sum.first_hits, sum.first_runs, difference_text(question));
  const std::string& first = question.arms.at(0);
  const std::string& second = question.arms.at(1);
  if (question.says == Says::worse) return fmt::format("{} is worse than {}: {}.", second, first, counts);
  return fmt::format("{}: no worse than {} by {:g}: {}; {}.", second, first, *question.margin, question.text,
                     counts);
}

bool is_about(const Question& question, const Arm& arm) {
  return question.family == Family::primary && question.arms.at(1) == arm.name;
}

// The question that the sentence answers: over all scenarios if there are several.
const Question* main_question(const std::vector<Question>& questions, const Arm& arm) {
  const Question* found = nullptr;
  for (const Question& question : questions) {
    if (!is_about(question, arm) || question.margin) continue;
    if (found == nullptr || question.scenario.empty()) found = &question;
  }
  return found;
}

std::string sentences(const Comparison& comparison) {
  std::vector<std::string> all;
  for (std::size_t i = 1; i < comparison.arms.size(); ++i) {
    const Arm& arm = comparison.arms[i];
    if (const Question* question = main_question(comparison.questions, arm))
      all.push_back(sentence_of(*question, strata_of(comparison.arms.front(), arm)));
    for (const Question& question : comparison.questions) {
      if (is_about(question, arm) && question.margin)
        all.push_back(margin_sentence(question, strata_of(comparison.arms.front(), arm)));
    }
  }
  return join(all, " ");
}

void ask_about(const Arm& first, const Arm& second, const Choice& choice, std::vector<Question>& questions) {
  const auto shared = shared_scenarios(first, second);
  if (choice.sequential) {
    questions.push_back(sequential_rate(first, second));
  } else if (!choice.margin_alone) {
    for (const std::string& scenario : shared) questions.push_back(hang_rate_in(scenario, first, second));
    if (shared.size() > 1) questions.push_back(hang_rate_overall(first, second));
  }
  if (choice.margin) {
    questions.push_back(choice.sequential ? sequential_no_worse_than(first, second, *choice.margin)
                                          : no_worse_than(first, second, *choice.margin));
  }
  for (const std::string& scenario : shared) {
    auto more = explore(scenario, first, second);
    std::move(more.begin(), more.end(), std::back_inserter(questions));
  }
}

ordered_json arm_json(const Arm& arm) {
  const auto hung = static_cast<int>(
      std::count_if(arm.rows.begin(), arm.rows.end(), [](const Row& row) { return !row.hangs.empty(); }));
  const auto runs = static_cast<int>(arm.rows.size());
  const auto interval = stats::exact_interval(hung, runs);
  std::vector<std::string> boots;
  for (const Row& row : arm.rows) {
    if (row.boot) boots.push_back(*row.boot);
  }
  std::sort(boots.begin(), boots.end());
  boots.erase(std::unique(boots.begin(), boots.end()), boots.end());
  return {{"name", arm.name},
          {"runs", runs},
          {"hung", hung},
          {"rate", runs == 0 ? ordered_json() : ordered_json(static_cast<double>(hung) / runs)},
          {"low", interval.low},
          {"high", interval.high},
          {"boots", boots.size()}};
}

ordered_json effect_json(const std::optional<Effect>& effect) {
  if (!effect) return nullptr;
  return {{"kind", effect->kind},
          {"value", effect->value},
          {"low", or_null(effect->low)},
          {"high", or_null(effect->high)}};
}

ordered_json question_json(const Question& question) {
  return {{"scenario", or_null(question.scenario)},
          {"family", question.family},
          {"what", question.what},
          {"test", or_null(question.test)},
          {"statistic", or_null(question.statistic)},
          {"p", or_null(question.p)},
          {"p_adjusted", or_null(question.p_adjusted)},
          {"margin", or_null(question.margin)},
          {"effect", effect_json(question.effect)},
          {"arms", question.arms},
          {"title", or_null(question.title)},
          {"role", or_null(question.role)},
          {"strata", question.strata == 0 ? ordered_json() : ordered_json(question.strata)},
          {"says", question.says},
          {"text", question.text}};
}

}  // namespace

Comparison compare_arms(std::vector<Arm> arms, const Choice& choice) {
  Comparison comparison;
  comparison.arms = std::move(arms);
  for (std::size_t i = 1; i < comparison.arms.size(); ++i)
    ask_about(comparison.arms.front(), comparison.arms[i], choice, comparison.questions);
  std::stable_sort(comparison.questions.begin(), comparison.questions.end(),
                   [](const Question& a, const Question& b) { return a.family < b.family; });
  adjust(comparison.questions);
  const auto shared = shared_scenarios(comparison.arms);
  for (const Arm& arm : comparison.arms) {
    for (const std::string& scenario : shared) {
      auto tests = steadiness_of(arm.name, scenario, rows_of(arm, scenario));
      std::move(tests.begin(), tests.end(), std::back_inserter(comparison.steadiness));
    }
  }
  comparison.sentence = sentences(comparison);
  return comparison;
}

std::string to_json(const Comparison& comparison) {
  ordered_json arms = ordered_json::array();
  ordered_json questions = ordered_json::array();
  ordered_json homogeneity = ordered_json::array();
  int infra = 0;
  int interrupted = 0;
  for (const Arm& arm : comparison.arms) {
    arms.push_back(arm_json(arm));
    infra += arm.infra;
    interrupted += arm.interrupted;
  }
  for (const Question& question : comparison.questions) questions.push_back(question_json(question));
  for (const Steadiness& one : comparison.steadiness)
    homogeneity.push_back({{"arm", one.arm}, {"scenario", one.scenario}, {"by", one.by}, {"p", one.p}});
  const ordered_json out = {
      {"schema", "hangar.compare/1"},    {"arms", arms},
      {"questions", questions},          {"homogeneity", homogeneity},
      {"sentence", comparison.sentence}, {"excluded", {{"infra", infra}, {"interrupted", interrupted}}}};
  return json_text(out, 1);
}

bool all_answered(const Comparison& comparison) {
  const auto has_margin = [](const Question& question) { return question.margin.has_value(); };
  const bool any_margin = std::any_of(comparison.questions.begin(), comparison.questions.end(), has_margin);
  return std::all_of(comparison.questions.begin(), comparison.questions.end(), [&](const Question& question) {
    const bool asked = question.family == Family::primary && has_margin(question) == any_margin;
    return !asked || question.says != Says::cannot_tell;
  });
}

bool all_shown(const Comparison& comparison) {
  return std::all_of(comparison.questions.begin(), comparison.questions.end(), [](const Question& question) {
    return !question.margin || question.says == Says::no_worse;
  });
}

}  // namespace hangar::compare
