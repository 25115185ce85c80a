// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/progress.h"
#include "harness/cli/terminal.h"
#include "harness/compare/page.h"
#include "harness/scenario/study.h"

namespace hangar::cli {
namespace {

using scenario::Setting;
using scenario::Study;

// Of runs, or as many as are made at once. Kept small, so that little is lost when it is killed, and settings
// take turns: what the host does in the meantime hits all of them alike.
constexpr int least_batch = 4;

fs::path rows_file(const Study& study) {
  return study.file.parent_path() / "runs.jsonl";
}

std::vector<std::uint32_t> masks_of(const scenario::Switches& switches,
                                    std::vector<std::uint32_t> positions) {
  for (std::uint32_t& mask : positions) {
    std::uint32_t bits = 0;
    for (size_t i = 0; i < switches.of.size(); ++i) bits |= (mask >> i & 1u) != 0 ? switches.of[i].first : 0;
    mask = bits;
  }
  return positions;
}

// The settings of the study and those of its switches.
std::vector<Setting> all_settings(const Study& study) {
  std::vector<Setting> settings = study.settings;
  if (!study.switches) return settings;
  const scenario::Switches& switches = *study.switches;
  const int count = static_cast<int>(switches.of.size());
  const auto add = [&](std::uint32_t mask, int repeat) {
    Setting setting;
    setting.name = setting_name(switches, mask);
    setting.kernel = switches.kernel;
    setting.append = setting.name;
    setting.args = switches.args;
    setting.repeat = repeat;
    settings.push_back(std::move(setting));
  };
  for (const auto mask : masks_of(switches, compare::sixteen_settings(count))) add(mask, switches.repeat);
  for (const auto mask : masks_of(switches, compare::one_off_each(count))) add(mask, switches.repeat_one_off);
  return settings;
}

std::map<std::string, int> count_runs(const std::vector<compare::Row>& rows) {
  std::map<std::string, int> counts;
  for (const auto& cell : compare::summarise_all(rows, {})) counts[cell.name] = cell.runs;
  return counts;
}

// The setting that has least of what it needs; none when all have everything.
const Setting* most_wanting(const std::vector<Setting>& settings, const std::map<std::string, int>& have) {
  const Setting* most = nullptr;
  double least_share = 1;
  for (const Setting& setting : settings) {
    const auto count = have.find(setting.name);
    const double share = count == have.end() ? 0 : static_cast<double>(count->second) / setting.repeat;
    if (share >= least_share) continue;
    least_share = share;
    most = &setting;
  }
  return most;
}

Result<void> run_batch(const Study& study, const Setting& setting, experiment::Request request, int missing,
                       experiment::Observer& observer) {
  request.scenarios = {study.scenario};
  request.kernels = {setting.kernel};
  request.append = setting.append;
  request.args = setting.args;
  request.machine = setting.machine;
  request.repeat = std::min(std::max(least_batch, request.jobs), missing);
  TRY_ASSIGN(const auto report, experiment::execute(request, observer));
  std::vector<compare::Row> rows;
  for (const auto& run : report.cells.front().runs) {
    TRY_ASSIGN(auto row, compare::read_run(run.directory));
    row.setting = setting.name;
    rows.push_back(std::move(row));
  }
  TRY(compare::merge_rows(rows_file(study), rows));
  // A host that spoils whole batches would do so for ever.
  const bool all_spoilt =
      std::all_of(report.cells.front().runs.begin(), report.cells.front().runs.end(),
                  [](const auto& run) { return run.verdict == verdict::Verdict::infra_error; });
  if (all_spoilt && !Cancel::requested()) {
    return infra_error(fmt::format(
        "every run of `{}` failed for the host's sake: `hangar judge last` says why", setting.name));
  }
  return {};
}

Result<void> run_missing(const Study& study, const experiment::Request& request, Terminal& terminal,
                         experiment::Observer& observer) {
  const std::vector<Setting> settings = all_settings(study);
  int need = 0;
  for (const Setting& setting : settings) need += setting.repeat;
  while (!Cancel::requested()) {
    TRY_ASSIGN(const auto rows, compare::load_rows(rows_file(study)));
    const auto have = count_runs(rows);
    const Setting* next = most_wanting(settings, have);
    if (next == nullptr) return {};
    const auto count = have.find(next->name);
    const int got = count == have.end() ? 0 : count->second;
    terminal.say(fmt::format("study {}: {} rows, of about {}; next: {} ({} of {})", study.name, rows.size(),
                             need, next->name, got, next->repeat));
    TRY(run_batch(study, *next, request, next->repeat - got, observer));
  }
  return interrupted_error();
}

struct Page {
  std::string table;
  std::string whole;
};

Page make_page(const Study& study, const std::string& word, const std::vector<compare::Row>& rows) {
  compare::PageInputs inputs;
  inputs.title = study.name;
  inputs.about = study.about;
  inputs.command = "hangar study " + word + " --update";
  for (const Setting& setting : study.settings) inputs.names.push_back(setting.name);
  compare::SwitchNames switches;
  if (study.switches) {
    switches = {study.switches->parameter, study.switches->of};
    inputs.switches = &switches;
  }
  std::vector<compare::Row> plain;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(plain), [&](const compare::Row& row) {
    return !study.switches || row.setting.rfind(study.switches->parameter + "=", 0) != 0;
  });
  return {compare::markdown_table(compare::summarise_all(plain, inputs.names)), study_page(inputs, rows)};
}

// README's measured part; and the whole page beside it, when there is more to say than that table.
Result<std::string> update_pages(const Study& study, const Page& page) {
  const fs::path readme = study.file.parent_path() / "README.md";
  TRY_ASSIGN(const std::string text, read_file(readme));
  auto replaced = compare::replace_measured(text, page.table);
  if (!replaced) return std::move(replaced).error().within(readme.string());
  TRY(write_file(readme, *replaced));
  std::error_code code;
  if (!fs::exists(study.file, code)) return std::string("README.md");
  TRY(write_file(study.file.parent_path() / "MEASURED.md", page.whole));
  return std::string("README.md and MEASURED.md");
}

}  // namespace

Result<int> study_command(const Args& args) {
  Options options(
      "study",
      "Runs what a study still lacks (reproducers/NAME/study.yaml, else ten runs on each kernel of "
      "the scenario's matrix) and keeps a row of each run beside it, in runs.jsonl. Goes on where it was "
      "stopped.",
      "  hangar study oom-kill\n  hangar study mmap-lock-livelock --update   pages from the rows, no runs");
  std::string word;
  std::optional<int> jobs;
  bool update = false;
  bool table = false;
  options.value("name", word, "a reproducer's folder, or a path to a study's file", "NAME|PATH");
  options.value("-j,--jobs", jobs, "runs at once (as many as CPUs and memory hold)");
  options.flag("--table", table, "run nothing: print what the rows say");
  options.flag("--update", update, "run nothing: write README's table (and MEASURED.md) from the rows");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (word.empty()) return user_error("which study? `hangar list scenarios` shows the names");
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(const Study study, scenario::load_study(tree, word));
  Terminal terminal(options.common().quiet, options.common().no_color);
  if (!table && !update) {
    experiment::Request request;
    request.source_tree = tree;
    request.home = options.common().home();
    request.jobs = jobs.value_or(0);
    Progress progress(terminal, options.common().json);
    auto ran = run_missing(study, request, terminal, progress);
    terminal.live_done();
    if (!ran) return std::move(ran).error();
  }
  TRY_ASSIGN(const auto rows, compare::load_rows(rows_file(study)));
  const Page page = make_page(study, word, rows);
  if (update) {
    TRY_ASSIGN(const std::string written, update_pages(study, page));
    terminal.say("written: " + written + " in " + study.file.parent_path().string());
    return 0;
  }
  fmt::print("{}", page.table);
  return 0;
}

}  // namespace hangar::cli
