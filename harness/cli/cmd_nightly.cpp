// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/engine.h"
#include "harness/cli/nightly_lab.h"
#include "harness/cli/nightly_page.h"
#include "harness/cli/nightly_steps.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/progress.h"
#include "harness/cli/terminal.h"
#include "harness/nightly/night.h"
#include "harness/nightly/night_page.h"
#include "harness/scenario/scenario.h"

namespace hangar::cli {
namespace {

using nightly::NightlyFile;
using nightly::NightResult;
using nightly::Report;

Result<void> check_reports(const NightlyFile& file, const std::string& path) {
  if (!fs::exists(file.reports) || fs::is_directory(file.reports)) return {};
  return user_error(fmt::format("{}: reports: {} is not a folder", path, file.reports.string()));
}

// Everything that can be checked before the first fetch.
Result<NightlyFile> load(const std::string& path, const std::string& tree) {
  if (fs::is_directory(path)) return user_error(path + " is a folder: expected the file of a nightly job");
  TRY_ASSIGN(NightlyFile file, nightly::load_nightly(path));
  TRY(check_reports(file, path));
  if (!file.run.empty()) return file;
  for (const std::string& name : file.scenarios) {
    if (auto scenario = scenario::load_scenario(tree, name); !scenario)
      return std::move(scenario).error().within(path);
  }
  if (file.image.empty()) return file;
  auto image = scenario::parse_image(file.image);
  return image ? Result<NightlyFile>(std::move(file)) : std::move(image).error().within(path + ": image");
}

// Of the newest `nights`, and of all findings.
std::set<std::string> kept_runs(const nightly::State& state, int nights) {
  std::set<std::string> ids;
  const int oldest = state.history.empty() ? 0 : state.history.back().number - nights;
  for (const nightly::Night& night : state.history) {
    for (const nightly::Sample& sample : night.samples) {
      if (night.number > oldest) ids.insert(sample.ids.begin(), sample.ids.end());
    }
  }
  for (const nightly::Finding& finding : state.findings) {
    const auto runs = nightly::runs_of(finding);
    ids.insert(runs.begin(), runs.end());
  }
  return ids;
}

int exit_status(NightResult result) {
  if (result == NightResult::incomplete) return 3;
  return result == NightResult::findings ? 1 : 0;
}

void print(const Report& report, const Common& common) {
  if (common.json) {
    print_out("{}\n", night_json(report));
  } else {
    print_out("{}", night_text(report));
  }
}

Result<Report> one_night(const NightlyFile& file, const std::string& tree, const Home& home,
                         const cluster::Site& site, const Common& common, Terminal& terminal) {
  TRY_ASSIGN(auto store, nightly::FolderStore::open(home.state, file.name));
  TRY_ASSIGN(auto state, store.load());
  Progress progress(terminal, common.json);
  const auto executor = executor_for(site);
  const NightlyPlaces places = {tree, home, store.folder()};
  const auto lab =
      file.run.empty() ? guest_lab(file, places, *executor, progress) : command_lab(file, places, progress);
  TRY_ASSIGN(const Report report, run_night(file, *lab, store, state));
  if (auto written = write_night_html(file, report, home, tree, terminal); !written)
    terminal.say("the page was not written: " + sanitize_for_terminal(written.error().message));
  TRY_ASSIGN(NightlySteps steps, NightlySteps::open(store.folder()));
  TRY(steps.end_night());
  TRY(remove_outputs(store.folder(), kept_runs(state, file.keep)));
  return report;
}

// What the newest night that ended has found; nothing is run.
Result<Report> last_night(const NightlyFile& file, const Home& home, Terminal& terminal) {
  TRY_ASSIGN(auto state, nightly::load_state(home.state, file.name));
  if (!state.night) return user_error(fmt::format("{}: no night was run yet", file.name));
  if (state.night->phase == nightly::Phase::ended) return report_of(file, state);
  const std::string unfinished = fmt::format("{}: night {} has not ended", file.name, state.night->number);
  if (state.history.empty()) return user_error(unfinished + ", and there is none before it");
  terminal.say(unfinished);
  state.night = state.history.back();
  return report_of(file, state);
}

}  // namespace

Result<int> nightly_command(const Args& args) {
  Options options(
      "nightly",
      "Runs one night of a nightly job: fetches and builds what the file follows, runs its scenarios, "
      "confirms and bisects what changed, and writes a report. A night that was interrupted continues.",
      "  hangar nightly mm.yaml\n  hangar nightly mm.yaml --last --json");
  std::string path;
  bool last = false;
  bool check = false;
  EngineOptions engine;
  options.value("file", path, "what to follow, the scenarios, the budget and where reports go", "FILE");
  options.required("file");
  options.flag("--last", last, "print the report of the newest night that has ended, and run nothing");
  options.flag("--check", check, "check the file, and run nothing");
  declare_engine(options, engine);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY_ASSIGN(const cluster::Site site, site_of(engine));
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(const NightlyFile file, load(path, tree));
  if (!file.run.empty() && (engine.engine == "slurm" || !engine.connect.empty()))
    return user_error(path + ": `run` is a command on this host: --engine and --connect are for guests");
  Terminal terminal(options.common().quiet, options.common().no_color);
  if (check) {
    terminal.say(sanitize_for_terminal(fmt::format(
        "{}: {} targets, {} scenarios, {:.1f} h a night", path, file.follow.size(), file.scenarios.size(),
        std::chrono::duration<double, std::ratio<3600>>(file.budget).count())));
    return 0;
  }
  TRY_ASSIGN(const Home home, options.common().home());
  TRY_ASSIGN(const Report report, last ? last_night(file, home, terminal)
                                       : one_night(file, tree, home, site, options.common(), terminal));
  print(report, options.common());
  return exit_status(report.result);
}

}  // namespace hangar::cli
