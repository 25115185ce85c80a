// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "harness/cli/arm_reader.h"
#include "harness/cli/commands.h"
#include "harness/cli/comparison_table.h"
#include "harness/cli/engine.h"
#include "harness/cli/image_option.h"
#include "harness/cli/options.h"
#include "harness/cli/progress.h"
#include "harness/cli/terminal.h"
#include "harness/compare/comparison.h"
#include "harness/scenario/scenario.h"

namespace hangar::cli {
namespace {

using compare::Arm;

struct Given {
  std::vector<std::string> words;  // arms, and scenarios among them
  std::vector<std::string> scenarios;
  std::optional<double> margin;
  std::optional<int> repeat;
  std::optional<int> jobs;
  std::string budget;
  std::string append;
  std::string image;
  EngineOptions engine;
  bool sequential = false;
  bool force = false;
};

void declare(Options& options, Given& given) {
  options.list("arms", given.words,
               "what is compared; the first is the baseline of all others. KERNEL@before:DATE and "
               "KERNEL@after:DATE are stored runs of a time; a name of a scenario is as with --scenario",
               "ROWS|EXPERIMENT|KERNEL");
  options.list("-s,--scenario", given.scenarios, "compare runs of this scenario only; can be repeated",
               "SCENARIO");
  options.value("-n,--repeat", given.repeat,
                "boot guests until each kernel has N runs of each scenario, in turns (default: compare what "
                "is stored)");
  options.value("--budget", given.budget,
                "begin no further run after this time, such as 2h. Without --repeat, run until then",
                "DURATION");
  options.text("--append", given.append, "append parameters to the command line of each kernel", "CMDLINE");
  declare_image(options, given.image);
  options.value("-j,--jobs", given.jobs, "number of guests at a time, 1 to 64 (default: as many as fit)");
  options.value("--no-worse-than", given.margin,
                "exit with 1 unless it is shown that the hang rate rises by less than this, such as 0.1",
                "MARGIN");
  options.flag("--sequential", given.sequential,
               "with --repeat or --budget: look after every run of each kernel, and stop as soon as there is "
               "an answer");
  declare_engine(options, given.engine);
  options.flag("--force", given.force, "compare runs of different machines too");
}

bool boots_guests(const Given& given) {
  return given.repeat || !given.budget.empty();
}

Result<void> check(const Given& given) {
  TRY(check_margin(given.margin));
  TRY(check_count("--repeat", given.repeat, most_repeats));
  if (given.sequential && !boots_guests(given))
    return user_error("--sequential requires --repeat or --budget");
  return check_count("--jobs", given.jobs, most_jobs);
}

// Moves words that name scenarios to the scenarios.
void sort_words(const fs::path& tree, Given& given) {
  const auto known = scenario::list_scenarios(tree, scenario::Listed::all);
  const auto names_one = [&](const std::string& word) {
    return std::find(known.begin(), known.end(), word) != known.end();
  };
  std::copy_if(given.words.begin(), given.words.end(), std::back_inserter(given.scenarios), names_one);
  std::erase_if(given.words, names_one);
}

Result<std::vector<Arm>> read_arms(const Given& given, const ArmReader& reader) {
  std::vector<Arm> arms;
  for (const std::string& word : given.words) {
    TRY_ASSIGN(Arm arm, reader.read(word));
    arms.push_back(std::move(arm));
  }
  return arms;
}

// With --repeat or --budget, the kernels among the arms are run.
Result<void> run_kernels(const Given& given, const ArmReader& reader, const fs::path& tree,
                         const Options& options, Terminal& terminal) {
  std::vector<std::string> kernels;
  for (const std::string& word : given.words) {
    TRY_ASSIGN(const bool kernel, reader.is_kernel(word));
    if (kernel) kernels.push_back(word);
  }
  const char* option = given.repeat ? "--repeat" : "--budget";
  if (kernels.empty()) return user_error(fmt::format("{}: none of the arms is a kernel", option));
  if (given.scenarios.empty())
    return user_error(fmt::format("{}: name a scenario, such as mmap-lock-livelock", option));
  run::Request request;
  request.source_tree = tree;
  TRY_ASSIGN(request.home, options.common().home());
  request.scenarios = given.scenarios;
  request.append = given.append;
  TRY_ASSIGN(request.machine.image, image_of(given.image));
  request.jobs = given.jobs.value_or(0);
  Progress progress(terminal, options.common().json);
  TRY_ASSIGN(const cluster::Site site, site_of(given.engine));
  StopEarly stop;
  TRY_ASSIGN(stop.until, end_of_budget(given.budget));
  if (given.sequential) {
    request.boot = scenario::BootMode::cold;  // pairs have to be independent
    stop.enough = [&]() -> Result<bool> {
      const auto arms = read_arms(given, reader);
      if (!arms || !compare::check_arms(*arms)) return false;  // some have no run yet
      return compare::all_answered(compare::compare_arms(*arms, {given.margin, true}));
    };
  }
  return run_missing(reader, kernels, given.repeat.value_or(most_repeats), request, *executor_for(site),
                     progress, stop);
}

}  // namespace

Result<int> compare_command(const Args& args) {
  Options options(
      "compare",
      "Compares runs: whether a kernel hangs more or less often than the first one, and what else "
      "differs. Each ARM is a file of rows, an experiment, or the runs of a kernel.",
      "  hangar compare v6.1-oom-2015 v6.1-oom-timeout mmap-lock-livelock --repeat 40\n"
      "  hangar compare before.jsonl after.jsonl --no-worse-than 0.1\n"
      "  hangar compare v6.1@before:2026-11-28 v6.1@after:2026-11-28");
  Given given;
  declare(options, given);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY(check(given));
  TRY_ASSIGN(const std::string tree, need_source_tree());
  sort_words(tree, given);
  TRY_ASSIGN(const Home home, options.common().home());
  Terminal terminal(options.common().quiet, options.common().no_color);
  TRY_ASSIGN(const auto names, scenario_names(tree, given.scenarios, boots_guests(given)));
  TRY_ASSIGN(const auto image, image_of(given.image));
  const ArmReader reader(home, {tree, names, given.append, image, given.sequential}, terminal);
  if (boots_guests(given)) {
    TRY(run_kernels(given, reader, tree, options, terminal));
  }
  TRY_ASSIGN(auto arms, read_arms(given, reader));
  TRY(compare::check_arms(arms));
  if (const std::string differ = compare::machines_differ(arms); !differ.empty() && !given.force)
    return user_error(differ + ". Rates of different machines do not compare kernels; --force compares them");
  return show_comparison(compare::compare_arms(std::move(arms), {given.margin, given.sequential}),
                         options.common(), terminal);
}

}  // namespace hangar::cli
