// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/find_run.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/show.h"
#include "harness/cli/terminal.h"
#include "harness/outcome/judge.h"
#include "harness/outcome/judging.h"
#include "harness/run/bundle.h"
#include "harness/store/index.h"
#include "harness/store/run_directory.h"

namespace hangar::cli {
namespace {

Result<void> update_index(const Home& home, const fs::path& directory) {
  // A run that is judged where it lies is in no index, nor is one of a home that cannot be reached.
  const auto runs = fs::weakly_canonical(home.state / "runs");
  const auto judged = fs::weakly_canonical(directory);
  if (!runs || !judged || judged->parent_path() != *runs) return {};
  TRY_ASSIGN(auto index, store::Index::open(home.state));
  return index.add_directory(directory);
}

struct Judged {
  run::CellReport cell;  // of one run
  std::string note;      // what it was judged by
};

// Run directories. All are looked for before the first is judged.
Result<std::vector<fs::path>> find_runs(const std::vector<std::string>& words, const Common& common) {
  std::vector<fs::path> directories;
  for (const std::string& word : words) {
    TRY_ASSIGN(fs::path directory, find_run(word, common));
    const fs::path bundle = directory / run::bundle_file;
    auto text = read_file(bundle);
    if (!text && text.error().fault == Fault::user && !fs::exists(bundle)) {
      return user_error(
          fmt::format("{} is not a run folder: {} is missing", directory.string(), run::bundle_file));
    }
    if (!text) return std::move(text).error();
    directories.push_back(std::move(directory));
  }
  return directories;
}

Result<Judged> judge_one(const fs::path& directory, const Home& home, const outcome::JudgeChoice& choice) {
  TRY_ASSIGN(const auto bundle, run::load_bundle(directory));
  TRY_ASSIGN(const auto stored, store::RunDirectory::open(directory));
  TRY_ASSIGN(const auto info, stored.load_info());
  TRY_ASSIGN(const auto tree, find_source_tree());
  TRY_ASSIGN(const auto judging,
             outcome::choose_judging(bundle, info.scenario_file, tree.value_or("/nonexistent"), choice));
  TRY_ASSIGN(auto run, outcome::judge_directory(directory, judging.expected, judging.by));
  TRY(update_index(home, stored.path()));
  run::CellReport cell;
  cell.kernel = bundle.kernel;
  cell.scenario = bundle.scenario;
  cell.machine = run.machine;
  cell.image = run.image;
  cell.image_digest = run.image_digest;
  cell.judged_as = bundle.judged_as;
  cell.hangs_there = expects_hang(judging.expected);
  cell.verdict = run.verdict;
  cell.tally.add(run::result_of(run));
  cell.hang_rate = run::hang_rate({}, cell.tally);
  cell.runs.push_back(std::move(run));
  return Judged{std::move(cell), judging.note};
}

// A scenario's name, its folder or its file.
Result<fs::path> scenario_file(const std::string& word) {
  if (fs::is_directory(word)) return fs::path(word) / "scenario.yaml";
  if (fs::exists(word)) return fs::path(word);
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(const auto scenario, scenario::load_scenario(tree, word));
  return scenario.file;
}

void print_judged(const Terminal& terminal, const Judged& judged) {
  const run::RunReport& run = judged.cell.runs.front();
  print_out("{}", describe_run(terminal, judged.cell.scenario + " on " + judged.cell.kernel, run));
  print_out("    judged by {}\n", sanitize_for_terminal(judged.note));
  const std::string now = to_text(run.verdict);
  if (!run.verdict_before.empty() && run.verdict_before != now)
    print_out("    was {}, now {}\n", sanitize_for_terminal(run.verdict_before), now);
}

}  // namespace

Result<int> judge_command(const Args& args) {
  Options options(
      "judge",
      "Judges stored runs again, from their folders alone; nothing is booted. A run is judged by the "
      "scenario "
      "file that was run, or by the text stored with the run if that file no longer exists. Earlier verdicts "
      "are kept in verdict.json.",
      "  hangar judge last\n  hangar judge 20261123-02 --stored\n  hangar judge last --scenario "
      "./stricter.yaml\n  hangar judge ~/runs/20261123-021530-4f2a9c/");
  std::vector<std::string> words;
  std::string scenario;
  outcome::JudgeChoice choice;
  options.list(
      "runs", words,
      "ids or beginnings of ids (`hangar list runs`), `last`, or paths of run folders (default: last)",
      "RUN");
  options.value("--scenario", scenario,
                "judge by this scenario file, or by the scenario of this name (default: see above)", "FILE");
  options.flag("--stored", choice.stored, "judge by the scenario text that is stored with the run");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (!scenario.empty() && choice.stored) return user_error("--scenario and --stored are mutually exclusive");
  if (!scenario.empty()) {
    TRY_ASSIGN(choice.scenario, scenario_file(scenario));
  }
  if (words.empty()) words.push_back("last");
  TRY_ASSIGN(const auto directories, find_runs(words, options.common()));
  const Home home = find_home(options.common().home_option);  // a run given by its path needs none
  Terminal terminal(options.common().quiet, options.common().no_color);
  run::Report report;
  for (const fs::path& directory : directories) {
    TRY_ASSIGN(auto judged, judge_one(directory, home, choice));
    report.verdict = worst(report.verdict, judged.cell.verdict);
    if (!options.common().json) print_judged(terminal, judged);
    report.cells.push_back(std::move(judged.cell));
  }
  print_out("{}", options.common().json ? to_json(report) : result_table(terminal, report, terminal.width()));
  return verdict::exit_status(report.verdict);
}

}  // namespace hangar::cli
