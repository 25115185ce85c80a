// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/arm_reader.h"
#include "harness/cli/bisect_question.h"
#include "harness/cli/commands.h"
#include "harness/cli/engine.h"
#include "harness/cli/find_run.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/progress.h"
#include "harness/cli/shrink_guests.h"
#include "harness/cli/shrink_page.h"
#include "harness/cli/terminal.h"
#include "harness/outcome/derive.h"
#include "harness/scenario/program.h"
#include "harness/scenario/sequence_text.h"
#include "harness/store/run_directory.h"

namespace hangar::cli {
namespace {

using shrink::Journal;
using shrink::Search;
using shrink::Setup;

constexpr const char* about =
    "Finds the steps of a sequence that are necessary for a hang: a part of the stored run's steps from "
    "which "
    "no step can be removed without the hang rate falling below a stated one.\n"
    "resume [ID]: continue a search (default: the last one)\n"
    "show [ID]: print what is known";
constexpr const char* example =
    "  hangar shrink last\n"
    "  hangar shrink 20261130-120000 --rate 0.5 -o smaller.yaml\n"
    "  hangar shrink resume";

struct Given {
  std::vector<std::string> words;  // the run, or an action and an id
  std::optional<double> rate;
  std::optional<int> max_runs;
  std::optional<int> jobs;
  std::optional<std::uint64_t> seed;
  std::string budget;
  std::string hit = "hang";
  std::string output;
  EngineOptions engine;
};

void declare(Options& options, Given& given) {
  options.list("what", given.words, "a stored run of a sequence that hung, or an action", "RUN|ACTION");
  options.value("--rate", given.rate,
                "the hang rate that the steps must keep, above 0 and below 1 (default: half of the measured "
                "rate of all steps)",
                "RATE");
  options.value("--hit", given.hit,
                "what a run must show: hang, hang>30s, crash, crash:TITLE, victim:NAME, not-victim:NAME or "
                "fail, a failed expectation (default: hang)",
                "WHAT");
  options.value("--max-runs", given.max_runs, "give up after so many runs (default: no limit)");
  options.value("--budget", given.budget, "begin no further run after this time, such as 2h", "DURATION");
  options.value("--seed", given.seed, "of the runs (default: 1)");
  options.value("-j,--jobs", given.jobs, "number of runs at a time, 1 to 64 (default: 1)");
  options.value("-o,--output", given.output, "write a scenario with the steps that are kept into this file",
                "FILE");
  declare_engine(options, given.engine);
}

Result<void> check(const Given& given) {
  TRY(check_count("--jobs", given.jobs, most_jobs));
  TRY(check_count("--max-runs", given.max_runs, most_repeats));
  if (given.rate && (*given.rate <= 0 || *given.rate >= 1))
    return user_error("--rate: expected a rate above 0 and below 1, such as 0.5");
  TRY(parse_question(given.hit));
  TRY(site_of(given.engine));
  if (!given.output.empty() && fs::exists(given.output))
    return user_error(fmt::format("--output: {} exists: remove it, or name another file", given.output));
  return {};
}

// What would be found out after hours is refused now.
Result<void> check_run(const fs::path& directory, const run::Bundle& bundle, const Given& given) {
  const std::string id = bundle.id;
  if (bundle.steps.empty())
    return user_error(fmt::format("the run {} is not of a sequence: `hangar help scenarios`", id));
  if (bundle.steps.size() == 1) return user_error(fmt::format("the run {} has only one step", id));
  if (given.hit != "hang") return {};
  TRY_ASSIGN(const verdict::Outcome outcome, outcome::derive_outcome(directory));
  if (!outcome.hangs.empty()) return {};
  return user_error(fmt::format("the run {} did not hang: name one that did, or use --hit", id));
}

Setup setup_of(const Given& given, const run::Bundle& bundle) {
  Setup setup;
  setup.id = store::new_id();
  setup.run = bundle.id;
  for (const run::Step& step : bundle.steps) {
    setup.steps.push_back(step.number);
    setup.names.push_back(step.name);
  }
  setup.rate = given.rate;
  setup.max_runs = given.max_runs;
  setup.seed = given.seed.value_or(1);
  setup.jobs = given.jobs.value_or(1);
  setup.question = given.hit;
  return setup;
}

// A program beside the scenario is named by its path from the new file.
Result<void> rename_program(const ShrunkCell& cell, const fs::path& output, scenario::Step& step) {
  TRY_ASSIGN(const scenario::ProgramPlace place,
             find_program(step.reproducer, cell.scenario.file, cell.request.source_tree));
  if (!place.file) return {};
  TRY_ASSIGN(const fs::path program, fs::absolute(*place.file));
  TRY_ASSIGN(const fs::path file, fs::absolute(output));
  const fs::path path = program.lexically_normal().lexically_relative(file.lexically_normal().parent_path());
  step.reproducer.program = (path.has_parent_path() ? "" : "./") + path.string();
  return {};
}

Result<void> write_scenario(const fs::path& output, const ShrunkCell& cell, const Setup& setup,
                            const Search& search) {
  std::vector<scenario::Step> steps;
  for (const int number : steps_of(setup, search.result())) {
    scenario::Step step = cell.scenario.sequence.at(static_cast<std::size_t>(number) - 1);
    TRY(rename_program(cell, output, step));
    steps.push_back(std::move(step));
  }
  TRY_ASSIGN(const std::string text, scenario::with_sequence(cell.text, steps));
  return write_file(output, text);
}

Result<int> show(const Setup& setup, const Search& search, const Common& common, const Terminal& terminal) {
  if (common.json) {
    print_out("{}\n", shrink_json(setup, search));
  } else {
    print_out("{}\n{}\n", shrink_table(setup, search, terminal), shrink_answer(setup, search));
  }
  return shrink_status(search);
}

Result<run::Bundle> bundle_of(const std::string& run, const Common& common) {
  TRY_ASSIGN(const fs::path directory, find_run(run, common));
  return run::load_bundle(directory);
}

Result<int> go_on(Journal& journal, const Given& given, const Home& home, const Common& common,
                  Terminal& terminal) {
  TRY_ASSIGN(const FileLock lock, journal.lock());
  const Setup& setup = journal.setup();
  TRY_ASSIGN(const auto until, end_of_budget(given.budget));
  TRY_ASSIGN(const cluster::Site site, site_of(given.engine));
  TRY_ASSIGN(const fs::path output, given.output.empty() ? fs::path() : fs::absolute(given.output));
  TRY_ASSIGN(const run::Bundle bundle, bundle_of(setup.run, common));
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(const ShrunkCell cell, cell_of(bundle, tree, home));
  Progress progress(terminal, common.json);
  const auto executor = executor_for(site);
  TRY_ASSIGN(const auto tester, shrink_tester(setup, cell.request, *executor, progress));
  Search search = replay(setup, journal.events());
  const auto enough = [&] { return until && std::chrono::steady_clock::now() >= *until; };
  const auto on_event = [&](const Search& now, const shrink::Event* event) {
    terminal.say(event != nullptr
                     ? run_line(setup, now, *event)
                     : fmt::format("search {}: {} steps of run {}", setup.id, setup.steps.size(), setup.run));
  };
  if (auto driven = shrink::drive(journal, search, *tester, enough, on_event); !driven) {
    Error error = std::move(driven).error();
    if (error.fault == Fault::interrupted)
      terminal.say(fmt::format("`hangar shrink resume {}` continues it", setup.id));
    return error;
  }
  if (!output.empty()) TRY(write_scenario(output, cell, setup, search));
  return show(setup, search, common, terminal);
}

Result<int> begin(const Given& given, const Home& home, const Common& common, Terminal& terminal) {
  if (given.words.size() != 1) return user_error("name one stored run, or `last`");
  TRY_ASSIGN(const fs::path directory, find_run(given.words.front(), common));
  TRY_ASSIGN(const run::Bundle bundle, run::load_bundle(directory));
  TRY(check_run(directory, bundle, given));
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY(end_of_budget(given.budget));
  TRY_ASSIGN(Journal journal, Journal::create(home.state, setup_of(given, bundle)));
  return go_on(journal, given, home, common, terminal);
}

// Those of a search are the ones that it began with, but for what concerns the output.
Result<void> no_options(const Given& given) {
  if (!given.rate && !given.max_runs && !given.jobs && !given.seed && given.hit == "hang") return {};
  return user_error(
      fmt::format("`{}` takes the options that the search began with: give only --budget, "
                  "--output and those of the engine",
                  given.words.front()));
}

Result<int> look_or_resume(const Given& given, const Home& home, const Common& common, Terminal& terminal) {
  TRY(no_options(given));
  const std::string& action = given.words.front();
  if (given.words.size() > 2) return user_error(fmt::format("expected `hangar shrink {} [ID]`", action));
  TRY_ASSIGN(Journal journal, Journal::open(home.state, given.words.size() > 1 ? given.words[1] : "last"));
  if (action == "resume") return go_on(journal, given, home, common, terminal);
  return show(journal.setup(), replay(journal.setup(), journal.events()), common, terminal);
}

}  // namespace

Result<int> shrink_command(const Args& args) {
  Options options("shrink", about, example);
  Given given;
  declare(options, given);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY(check(given));
  TRY_ASSIGN(const Home home, options.common().home());
  Terminal terminal(options.common().quiet, options.common().no_color);
  const bool action = !given.words.empty() && (given.words[0] == "resume" || given.words[0] == "show");
  if (action) return look_or_resume(given, home, options.common(), terminal);
  return begin(given, home, options.common(), terminal);
}

}  // namespace hangar::cli
