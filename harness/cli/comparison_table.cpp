// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/comparison_table.h"

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/cli/output.h"
#include "harness/stats/cluster.h"
#include "harness/stats/interval.h"

namespace hangar::cli {
namespace {

using compare::Arm;
using compare::Comparison;
using compare::Question;

std::string rates_table(const Comparison& comparison, const Terminal& terminal) {
  std::vector<std::vector<TableCell>> rows;
  for (const std::string& scenario : compare::shared_scenarios(comparison.arms)) {
    for (const Arm& arm : comparison.arms) {
      const auto runs = compare::rows_of(arm, scenario);
      if (runs.empty()) continue;
      const auto [hung, all] = compare::hangs_of(runs);
      const auto interval = stats::exact_interval(hung, all);
      rows.push_back({{scenario},
                      {arm.name},
                      {fmt::format("{} of {}, {:.2f}-{:.2f}", hung, all, interval.low, interval.high)}});
    }
  }
  return render_table(terminal, {"scenario", "arm", "hung, 95% interval"}, rows, terminal.width());
}

std::string p_text(const Question& question) {
  return question.p_adjusted ? fmt::format("{:.2g}", *question.p_adjusted) : "-";
}

std::string what_text(const Question& question) {
  if (question.margin) return fmt::format("no worse by {:g}", *question.margin);
  const std::string name = question.title + question.role;
  return to_string(question.what) + (name.empty() ? "" : " " + name);
}

std::string effect_text(const Question& question) {
  if (!question.effect) return question.text;
  const compare::Effect& effect = *question.effect;
  const std::string range =
      effect.low && effect.high ? fmt::format(", 95%: {:.2f} to {:.2f}", *effect.low, *effect.high) : "";
  return fmt::format("{} ({} {:.2f}{})", question.text, effect.kind, effect.value, range);
}

// The column of scenarios, and the names of arms, only where there are several to tell apart.
std::string questions_table(const Comparison& comparison, const std::vector<const Question*>& questions,
                            const Terminal& terminal) {
  const bool several_scenarios = compare::shared_scenarios(comparison.arms).size() > 1;
  const bool several_arms = comparison.arms.size() > 2;
  std::vector<std::string> head = {"question", "answer", "p", "details"};
  if (several_scenarios) head.insert(head.begin(), "scenario");
  std::vector<std::vector<TableCell>> rows;
  for (const Question* question : questions) {
    auto& row = rows.emplace_back();
    if (several_scenarios) row.push_back({question->scenario.empty() ? "(all)" : question->scenario});
    row.push_back({what_text(*question)});
    row.push_back({to_string(question->says)});
    row.push_back({p_text(*question)});
    row.push_back({(several_arms ? question->arms.at(1) + ": " : "") + effect_text(*question)});
  }
  return render_table(terminal, head, rows, terminal.width());
}

void print_comparison(const Comparison& comparison, const Terminal& terminal) {
  print_out("{}\n", rates_table(comparison, terminal));
  std::vector<const Question*> primary;
  std::vector<const Question*> answered;
  int open = 0;
  for (const Question& question : comparison.questions) {
    if (question.family == compare::Family::primary) {
      primary.push_back(&question);
    } else if (question.says != compare::Says::cannot_tell) {
      answered.push_back(&question);
    } else {
      ++open;
    }
  }
  print_out("primary questions (p adjusted by Holm's method, intervals not adjusted):\n{}\n",
            questions_table(comparison, primary, terminal));
  if (!answered.empty()) {
    print_out("exploratory questions, adjusted apart:\n{}\n",
              questions_table(comparison, answered, terminal));
  }
  if (open > 0)
    print_out("{} exploratory question{} not answered (--json lists them)\n", open, open == 1 ? "" : "s");
  for (const auto& one : comparison.steadiness) {
    if (one.p < stats::groups_differ_p) {
      print_out("{}, {}: the hang rate is not the same over {} (p = {:.2g})\n",
                sanitize_for_terminal(one.arm), sanitize_for_terminal(one.scenario),
                one.by == "time" ? "time" : "its boots", one.p);
    }
  }
  print_out("{}\n", sanitize_for_terminal(comparison.sentence));
}

}  // namespace

int show_comparison(const Comparison& comparison, const Common& common, const Terminal& terminal) {
  if (common.json) {
    print_out("{}\n", compare::to_json(comparison));
  } else {
    print_comparison(comparison, terminal);
  }
  return compare::all_shown(comparison) ? 0 : 1;
}

Result<void> check_margin(const std::optional<double>& margin) {
  if (!margin || (*margin > 0 && *margin < 1)) return {};
  return user_error("--no-worse-than: expected a difference of rates between 0 and 1, such as 0.1");
}

}  // namespace hangar::cli
