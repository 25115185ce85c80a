// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/compare/comparison.h"
#include "harness/compare/primary.h"
#include "harness/stats/interval.h"
#include "harness/store/index.h"

namespace hangar::cli {
namespace {

using compare::Arm;
using compare::Comparison;
using compare::Question;

constexpr std::size_t most_runs = 1000000;

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "20261128-1830" of "2026-11-28T18:30" or "2026-11-28": the beginning of the ids of runs from then on.
Result<std::string> id_of_date(const std::string& date) {
  std::string id;
  for (const char c : date) {
    if (c == 'T' || c == ' ') id += '-';
    if (c >= '0' && c <= '9') id += c;
  }
  const bool day = date.size() == 10 && id.size() == 8;
  const bool minute = date.size() == 16 && id.size() == 13 && id[8] == '-';
  if ((day || minute) && is_digits(id.substr(0, 8)) && date[4] == '-' && date[7] == '-') return id;
  return user_error(fmt::format("`{}` is not a date: write 2026-11-28 or 2026-11-28T18:30", date));
}

// KERNEL, KERNEL@before:DATE or KERNEL@after:DATE: which stored runs of a kernel.
struct StoredRuns {
  std::string kernel;
  std::string from;   // ids from here on; "": all
  std::string until;  // ids below this; "": all
};

Result<StoredRuns> parse_stored(const std::string& word) {
  const std::size_t at = word.find('@');
  StoredRuns runs{word.substr(0, at), "", ""};
  if (at == std::string::npos) return runs;
  const std::string when = word.substr(at + 1);
  const std::size_t colon = when.find(':');
  const std::string side = when.substr(0, colon);
  if (colon == std::string::npos || (side != "before" && side != "after"))
    return user_error(fmt::format("`{}`: expected KERNEL@before:DATE or KERNEL@after:DATE", word));
  auto id = id_of_date(when.substr(colon + 1));
  if (!id) return std::move(id).error().within("`" + word + "`");
  (side == "before" ? runs.until : runs.from) = *id;
  return runs;
}

class ArmReader {
 public:
  ArmReader(const store::Index& index, std::vector<std::string> scenarios, Terminal& terminal)
      : index_(index), scenarios_(std::move(scenarios)), terminal_(terminal) {}

  // A file of rows, an experiment, or stored runs of a kernel.
  Result<Arm> read(const std::string& word) const {
    TRY_ASSIGN(auto rows, rows_of(word));
    if (!scenarios_.empty()) {
      std::erase_if(rows, [&](const compare::Row& row) {
        return std::find(scenarios_.begin(), scenarios_.end(), row.scenario) == scenarios_.end();
      });
    }
    return compare::make_arm(word, std::move(rows));
  }

 private:
  Result<std::vector<compare::Row>> rows_of(const std::string& word) const {
    const bool path = word.find('/') != std::string::npos || word.ends_with(".jsonl");
    if (path && !fs::exists(word)) return user_error(fmt::format("there is no file of rows {}", word));
    if (path) return compare::load_rows(word);
    if (const auto experiment = index_.resolve_experiment(word)) {
      TRY_ASSIGN(const auto runs, index_.by_experiment(*experiment));
      return read_all(runs);
    }
    return stored(word);
  }

  Result<std::vector<compare::Row>> stored(const std::string& word) const {
    TRY_ASSIGN(const StoredRuns wanted, parse_stored(word));
    TRY_ASSIGN(auto runs, index_.latest(most_runs));
    std::erase_if(runs, [&](const store::RunRow& run) { return run.kernel != wanted.kernel; });
    if (runs.empty()) {
      return user_error(
          fmt::format("no file of rows, no experiment and no stored run of a kernel `{}`: see "
                      "`hangar list runs`, or run it first with `hangar run -k {}`",
                      wanted.kernel, wanted.kernel));
    }
    std::erase_if(runs, [&](const store::RunRow& run) {
      return (!wanted.until.empty() && run.id >= wanted.until) || run.id < wanted.from;
    });
    return read_all(runs);
  }

  Result<std::vector<compare::Row>> read_all(const std::vector<store::RunRow>& runs) const {
    std::vector<compare::Row> rows;
    for (const store::RunRow& run : runs) {
      auto row = compare::read_run(run.directory);
      if (row) {
        rows.push_back(std::move(*row));
      } else {
        terminal_.say("skipped: " + sanitize_for_terminal(row.error().message));
      }
    }
    return rows;
  }

  const store::Index& index_;
  std::vector<std::string> scenarios_;
  Terminal& terminal_;
};

// A source tree or a binary keeps its name when its contents change.
void report_builds(const Arm& arm, Terminal& terminal) {
  std::set<std::string> digests;
  for (const compare::Row& row : arm.rows) digests.insert(row.kernel + row.kernel_digest);
  if (digests.size() > 1) {
    terminal.say(fmt::format("{}: its runs are of {} builds of kernels", sanitize_for_terminal(arm.name),
                             digests.size()));
  }
}

std::string rates_table(const Comparison& comparison, const Terminal& terminal) {
  std::vector<std::vector<TableCell>> rows;
  for (const std::string& scenario : compare::shared_scenarios(comparison.arms)) {
    for (const Arm& arm : comparison.arms) {
      const auto runs = compare::rows_of(arm, scenario);
      if (runs.empty()) continue;
      const auto hung = static_cast<int>(std::count_if(
          runs.begin(), runs.end(), [](const compare::Row* row) { return !row->hangs.empty(); }));
      const auto interval = stats::exact_interval(hung, static_cast<int>(runs.size()));
      rows.push_back(
          {{scenario},
           {arm.name},
           {fmt::format("{} of {}, {:.2f}-{:.2f}", hung, runs.size(), interval.low, interval.high)}});
    }
  }
  return render_table(terminal, {"scenario", "arm", "hung, 95% interval"}, rows, terminal.width());
}

std::string p_text(const Question& question) {
  return question.p_adjusted ? fmt::format("{:.2g}", *question.p_adjusted) : "-";
}

std::string what_text(const Question& question) {
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

void print(const Comparison& comparison, const Terminal& terminal) {
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

Result<void> check_margin(const std::optional<double>& margin) {
  if (!margin || (*margin > 0 && *margin < 1)) return {};
  return user_error("--no-worse-than: expected a difference of rates between 0 and 1, such as 0.1");
}

}  // namespace

Result<int> compare_command(const Args& args) {
  Options options(
      "compare",
      "Compares stored runs: whether a kernel hangs more or less often than the first one, and what "
      "else differs. Each ARM is a file of rows, an experiment, or the stored runs of a kernel.",
      "  hangar compare v6.1-oom-2015 v6.1-oom-timeout --scenario mmap-lock-livelock\n"
      "  hangar compare before.jsonl after.jsonl --no-worse-than 0.1\n"
      "  hangar compare v6.1@before:2026-11-28 v6.1@after:2026-11-28");
  std::vector<std::string> words;
  std::vector<std::string> scenarios;
  std::optional<double> margin;
  bool force = false;
  options.list("arms", words,
               "what is compared; the first is the baseline of all others. KERNEL@before:DATE and "
               "KERNEL@after:DATE are stored runs of a time",
               "ROWS|EXPERIMENT|KERNEL");
  options.list("-s,--scenario", scenarios, "compare runs of this scenario only; can be repeated", "SCENARIO");
  options.value("--no-worse-than", margin,
                "exit with 1 unless it is shown that the hang rate rises by less than this, such as 0.1",
                "MARGIN");
  options.flag("--force", force, "compare runs of different machines too");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY(check_margin(margin));
  TRY_ASSIGN(const Home home, options.common().home());
  TRY_ASSIGN(const auto index, store::Index::open(home.state));
  Terminal terminal(options.common().quiet, options.common().no_color);
  const ArmReader reader(index, scenarios, terminal);
  std::vector<Arm> arms;
  for (const std::string& word : words) {
    TRY_ASSIGN(Arm arm, reader.read(word));
    report_builds(arm, terminal);
    arms.push_back(std::move(arm));
  }
  TRY(compare::check_arms(arms));
  if (const std::string differ = compare::machines_differ(arms); !differ.empty() && !force)
    return user_error(differ + ". Rates of different machines do not compare kernels; --force compares them");
  const Comparison comparison = compare::compare_arms(std::move(arms), margin);
  if (options.common().json) {
    print_out("{}\n", compare::to_json(comparison));
  } else {
    print(comparison, terminal);
  }
  return compare::all_shown(comparison) ? 0 : 1;
}

}  // namespace hangar::cli
