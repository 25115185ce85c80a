// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/bisect/drive.h"
#include "harness/cli/bisect_page.h"
#include "harness/cli/bisect_question.h"
#include "harness/cli/bisect_revisions.h"
#include "harness/cli/bisect_testers.h"
#include "harness/cli/commands.h"
#include "harness/cli/engine.h"
#include "harness/cli/image_option.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/progress.h"
#include "harness/cli/terminal.h"
#include "harness/cluster/executor.h"
#include "harness/scenario/scenario.h"
#include "harness/store/run_directory.h"

namespace hangar::cli {
namespace {

using bisect::Journal;
using bisect::Setup;
using bisect::State;

constexpr const char* about =
    "Finds the revision that introduced a hang that occurs in a part of the runs. Each run is made where it "
    "teaches most per second, and the answer has a probability.\n"
    "resume [ID]: continue a bisection (default: the last one)\n"
    "show [ID]: print what is known\n"
    "undo [ID]: forget the last run or mark\n"
    "mark REVISION good|bad|skip [ID]: add what you know of a revision";
constexpr const char* example =
    "  hangar bisect --good v6.11 --bad v6.12 --repo ~/linux oom-kill\n"
    "  hangar bisect --good v1 --bad HEAD --run 'make -s && ./test'\n"
    "  hangar bisect --series fix/ --on v6.1 mmap-lock-livelock\n"
    "  hangar bisect show";

struct Given {
  std::vector<std::string> words;  // the scenario, or an action and what it is about
  RevisionsGiven revisions;
  std::string run;
  std::string image;
  std::string hit = "hang";
  std::optional<double> confidence;
  std::optional<int> max_runs;
  std::optional<int> jobs;
  std::optional<std::uint64_t> seed;
  EngineOptions engine;
  bool no_confirm = false;
};

void declare_revisions(Options& options, RevisionsGiven& given) {
  options.value("--good", given.good, "a commit that does not hit", "REV");
  options.value("--bad", given.bad, "a commit that hits", "REV");
  options.value("--repo", given.repo, "the git repository (default: the working folder)", "DIR");
  options.flag("--first-parent", given.first_parent, "search the line of first parents only");
  options.list("--path", given.paths, "search only commits that change this path; can be repeated", "PATH");
  options.value("--needs", given.needs,
                "the tested code: in a commit without this path, a miss shows nothing", "PATH");
  options.flag("--fixed", given.fixed,
               "search for the fix: the bad commit is the older one. Along first parents");
  options.value("--add", given.add, "fragments and series for each kernel, such as memcg+swap", "PARTS");
  options.value("--series", given.series, "search a patch series: each of its beginnings is a revision",
                "PATH");
  options.value("--kernels", given.kernels,
                "search kernels: a file with one on each line, or a folder of binaries", "PATH");
  options.value("--configs", given.configs, "search config fragments, such as memcg,swap,kasan", "LIST");
  options.value("--params", given.params, "search kernel parameters, such as 'a=1 b=2'", "WORDS");
  options.value("--on", given.on, "the kernel that --series, --configs and --params begin with", "KERNEL");
}

void declare(Options& options, Given& given) {
  options.list("what", given.words, "the scenario to run (default: mmap-lock-livelock), or an action",
               "SCENARIO|ACTION");
  declare_revisions(options, given.revisions);
  options.value("--hit", given.hit,
                "what is searched for: hang, hang>30s, crash, crash:TITLE, victim:NAME, not-victim:NAME or "
                "fail, a failed expectation (default: hang)",
                "WHAT");
  options.value("--run", given.run,
                "test by this shell command, in a clone with the revision checked out: exit status 0 is a "
                "miss, 1 to 124 a hit, 125 cannot be judged, others end the bisection",
                "COMMAND");
  declare_image(options, given.image);
  options.value("--confidence", given.confidence, "how often answers are right (default: 0.95)", "SHARE");
  options.value("--max-runs", given.max_runs, "give up after so many runs (default: no limit)");
  options.value("--seed", given.seed, "of choices between revisions that teach the same (default: 1)");
  options.value("-j,--jobs", given.jobs, "number of runs at a time, 1 to 64 (default: 1)");
  options.flag("--no-confirm", given.no_confirm, "do not confirm the answer by new runs");
  declare_engine(options, given.engine);
}

Result<void> check(const Given& given) {
  TRY(check_count("--jobs", given.jobs, most_jobs));
  TRY(check_count("--max-runs", given.max_runs, most_repeats));
  const double confidence = given.confidence.value_or(0.95);
  if (confidence <= 0.5 || confidence >= 1)
    return user_error("--confidence: expected a share between 0.5 and 1, such as 0.95");
  if (!given.run.empty() && !given.words.empty())
    return user_error(fmt::format("--run replaces the scenario `{}`", given.words.front()));
  if (!given.run.empty() && given.engine.engine == "slurm")
    return user_error("--run and --engine slurm are mutually exclusive: COMMAND runs on this host");
  if (given.words.size() > 1) return user_error("name one scenario");
  if (!given.run.empty() && !given.image.empty())
    return user_error("--run and --image are mutually exclusive");
  TRY(image_of(given.image));
  TRY(parse_question(given.hit));
  return {};
}

Result<Setup> setup_of(const Given& given, const fs::path& tree, const Home& home) {
  Setup setup;
  setup.id = store::new_id();
  setup.confidence = given.confidence.value_or(0.95);
  setup.max_runs = given.max_runs;
  setup.seed = given.seed.value_or(1);
  setup.fixed = given.revisions.fixed;
  setup.confirm = !given.no_confirm;
  setup.jobs = given.jobs.value_or(1);
  setup.command = given.run;
  setup.image = given.image;
  setup.question = given.hit;
  if (given.run.empty()) {
    setup.scenario = given.words.empty() ? run::default_scenario : given.words.front();
    TRY(scenario::load_scenario(tree, setup.scenario));
  }
  TRY(find_revisions(given.revisions, tree, home, setup));
  return setup;
}

// Prints and returns what is known.
Result<int> show(const Setup& setup, const State& state, const Common& common, const Terminal& terminal) {
  if (common.json) {
    print_out("{}\n", bisect_json(setup, state));
  } else {
    print_out("{}\n{}\n", bisect_table(setup, state, terminal), answer_text(setup, state));
  }
  return bisect_status(state);
}

Result<int> go_on(Journal& journal, const cluster::Site& site, const Home& home, const Common& common,
                  Terminal& terminal) {
  TRY_ASSIGN(const FileLock lock, journal.lock());
  const Setup& setup = journal.setup();
  TRY_ASSIGN(State state, State::replay(setup, journal.events()));
  Progress progress(terminal, common.json);
  TRY_ASSIGN(const std::string tree, need_source_tree());
  const auto executor = executor_for(site);
  auto made = setup.command.empty() ? guest_tester(journal, tree, home, *executor, progress)
                                    : command_tester(journal);
  if (!made) return made.error();
  const std::unique_ptr<bisect::Tester> tester = std::move(*made);
  const auto on_event = [&](const State& now, const bisect::Event* event) {
    const auto costs = now.costs(tester->expected_build_s(), tester->expected_run_s());
    terminal.say(event != nullptr ? event_line(setup, now, *event)
                                  : fmt::format("bisection {}: {} revisions; {}", setup.id,
                                                setup.revisions.size(), estimate_text(now, costs)));
  };
  if (auto driven = bisect::drive(journal, state, *tester, on_event); !driven) {
    Error error = std::move(driven).error();
    if (error.fault == Fault::interrupted)
      terminal.say(fmt::format("`hangar bisect resume {}` continues it", setup.id));
    return error;
  }
  return show(setup, state, common, terminal);
}

// Before kernels are built.
Result<void> check_engine(const cluster::Site& site, const std::string& command) {
  const bool guests_elsewhere = site.engine == cluster::Engine::slurm && command.empty();
  return guests_elsewhere ? cluster::check_usable(site) : Result<void>();
}

Result<int> begin(const Given& given, const Home& home, const Common& common, Terminal& terminal) {
  TRY(check(given));
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(const cluster::Site site, site_of(given.engine));
  TRY(check_engine(site, given.run));
  TRY_ASSIGN(Setup setup, setup_of(given, tree, home));
  TRY_ASSIGN(Journal journal, Journal::create(home.state, std::move(setup)));
  return go_on(journal, site, home, common, terminal);
}

// The number of the revision that `word` names: its id, or the beginning of exactly one.
Result<int> find_revision(const Setup& setup, const std::string& word) {
  std::vector<int> found;
  for (std::size_t i = 0; i < setup.revisions.size(); ++i) {
    if (setup.revisions[i].id == word) return static_cast<int>(i);
    if (setup.revisions[i].id.starts_with(word)) found.push_back(static_cast<int>(i));
  }
  if (found.size() == 1) return found.front();
  return user_error(fmt::format("{} revisions of the bisection begin with `{}`",
                                found.empty() ? "no" : "several", sanitize_for_terminal(word)));
}

Result<bisect::Event> mark_event(const Setup& setup, const std::string& revision, const std::string& word) {
  const auto mark = from_word<bisect::Evidence>(word);
  using bisect::Evidence;
  if (!mark || *mark == Evidence::hit || *mark == Evidence::miss)
    return user_error(fmt::format("mark {}: expected good, bad or skip", sanitize_for_terminal(word)));
  TRY_ASSIGN(const int number, find_revision(setup, revision));
  return bisect::Event{bisect::Kind::mark, number, {}, *mark, 0, "", "marked"};
}

// The words of an action, without its name: how many it needs, then perhaps an id.
Result<std::string> id_in(const std::vector<std::string>& words, std::size_t needed, const char* usage) {
  if (words.size() < needed || words.size() > needed + 1)
    return user_error(fmt::format("expected `hangar bisect {}`", usage));
  return words.size() > needed ? words.back() : std::string("last");
}

Result<int> change(const std::vector<std::string>& words, const Home& home, const Common& common,
                   const Terminal& terminal) {
  const bool mark = words.front() == "mark";
  TRY_ASSIGN(const std::string id,
             id_in(words, mark ? 3 : 1, mark ? "mark REVISION good|bad|skip [ID]" : "undo [ID]"));
  TRY_ASSIGN(Journal journal, Journal::open(home.state, id));
  TRY_ASSIGN(const FileLock lock, journal.lock());
  bisect::Event event;
  event.kind = bisect::Kind::undo;
  if (mark) {
    TRY_ASSIGN(event, mark_event(journal.setup(), words[1], words[2]));
  }
  TRY_ASSIGN(State state, State::replay(journal.setup(), journal.events()));
  TRY(state.add(event));
  TRY(journal.add(event));
  TRY(show(journal.setup(), state, common, terminal));
  return 0;
}

// The options of a bisection are those that it began with.
Result<void> no_options(const Given& given) {
  const RevisionsGiven& revisions = given.revisions;
  const bool any = given.confidence || given.max_runs || given.jobs || given.seed || given.no_confirm ||
                   !given.run.empty() || !given.image.empty() || given.hit != "hang" ||
                   !revisions.good.empty() || !revisions.bad.empty() || !revisions.on.empty() ||
                   revisions.fixed;
  if (!any) return {};
  return user_error(
      fmt::format("`{}` takes the options that the bisection began with: give none", given.words.front()));
}

Result<int> look_or_resume(const Given& given, const Home& home, const Common& common, Terminal& terminal) {
  const bool resume = given.words.front() == "resume";
  TRY_ASSIGN(const std::string id, id_in(given.words, 1, resume ? "resume [ID]" : "show [ID]"));
  TRY_ASSIGN(const cluster::Site site, site_of(given.engine));
  TRY_ASSIGN(Journal journal, Journal::open(home.state, id));
  if (resume) {
    TRY(check_engine(site, journal.setup().command));
    return go_on(journal, site, home, common, terminal);
  }
  TRY_ASSIGN(const State state, State::replay(journal.setup(), journal.events()));
  return show(journal.setup(), state, common, terminal);
}

}  // namespace

Result<int> bisect_command(const Args& args) {
  Options options("bisect", about, example);
  Given given;
  declare(options, given);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY_ASSIGN(const Home home, options.common().home());
  Terminal terminal(options.common().quiet, options.common().no_color);
  const std::string action = given.words.empty() ? "" : given.words.front();
  const std::vector<std::string> actions = {"undo", "mark", "show", "resume"};
  if (std::find(actions.begin(), actions.end(), action) != actions.end()) TRY(no_options(given));
  if (action == "undo" || action == "mark") return change(given.words, home, options.common(), terminal);
  if (action == "show" || action == "resume") return look_or_resume(given, home, options.common(), terminal);
  return begin(given, home, options.common(), terminal);
}

}  // namespace hangar::cli
