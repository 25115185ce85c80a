// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/engine.h"
#include "harness/cli/image_option.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/progress.h"
#include "harness/cli/terminal.h"
#include "harness/compare/current_rows.h"
#include "harness/compare/page.h"
#include "harness/experiment/prepare.h"
#include "harness/scenario/study.h"
#include "harness/stats/factorial.h"

namespace hangar::cli {
namespace {

using scenario::Setting;
using scenario::Study;

// Minimum batch size, in runs. Small, so that an interrupted study loses little, and settings are
// interleaved: load on the host affects all of them alike.
constexpr int min_batch = 4;
// Runs restored from one saved guest are not independent: a guest that was saved in an unusual state makes
// all of them unusual. With five, a difference between guests can be seen.
constexpr int default_guests = 5;

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
  for (const auto mask : masks_of(switches, stats::sixteen_settings(count))) add(mask, switches.repeat);
  for (const auto mask : masks_of(switches, stats::one_off_each(count))) add(mask, switches.repeat_one_off);
  return settings;
}

// The rows of a setting in another image are separate, since it is another machine.
Result<void> set_image(const std::string& given, Study& study) {
  TRY_ASSIGN(const auto image, image_of(given));
  if (!image) return {};
  if (study.switches) return user_error("--image: a study with switches has no settings for another image");
  for (Setting& setting : study.settings) {
    setting.name += ", image " + to_text(*image);
    setting.machine.image = image;
  }
  return {};
}

std::map<std::string, int> count_runs(const std::vector<compare::Row>& rows) {
  std::map<std::string, int> counts;
  for (const auto& cell : compare::summarise_all(rows, {})) counts[cell.name] = cell.runs;
  return counts;
}

// A working tree or a binary keeps its name when its contents change.
bool can_change(const kernel::Spec& spec) {
  return spec.source.kind == kernel::Source::Kind::tree || spec.source.kind == kernel::Source::Kind::binary;
}

std::vector<kernel::Spec> changeable_kernels(const Study& study, const std::string& tree) {
  std::vector<kernel::Spec> specs;
  for (const Setting& setting : all_settings(study)) {
    auto spec = kernel::load_spec(tree, setting.kernel);
    // One that is not on this machine: its rows stay, since pages are made from them.
    if (spec && can_change(*spec)) specs.push_back(std::move(*spec));
  }
  return specs;
}

// The digests of the kernels that may have changed since their rows were made. With `observer` a tree that is
// not built as it is now is built; else its digest is "".
Result<std::map<std::string, std::string>> current_digests(const Study& study, const std::string& tree,
                                                           const Home& home, run::Observer* observer) {
  const kernel::Cache cache(home.cache);
  std::map<std::string, std::string> digests;
  for (const kernel::Spec& spec : changeable_kernels(study, tree)) {
    if (digests.count(spec.name) != 0) continue;
    TRY_ASSIGN(const auto plan, cache.plan(spec));
    std::string key = plan.key;
    if (key.empty() && observer != nullptr) {
      TRY_ASSIGN(const auto artifact, experiment::build_kernel(cache, spec, *observer));
      key = artifact.key;
    }
    digests[spec.name] = key;
  }
  return digests;
}

Result<compare::CurrentRows> load_current(const Study& study, const std::string& tree, const Home& home,
                                          run::Observer* observer) {
  TRY_ASSIGN(auto rows, compare::load_rows(rows_file(study)));
  TRY_ASSIGN(const auto digests, current_digests(study, tree, home, observer));
  return compare::current_rows(std::move(rows), digests);
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

// The settings to run: all of them, or the one that was asked for.
Result<std::vector<Setting>> chosen_settings(const Study& study, const std::string& name) {
  const std::vector<Setting> all = all_settings(study);
  if (name.empty()) return all;
  std::vector<std::string> names;
  for (const Setting& setting : all) {
    if (setting.name == name) return std::vector<Setting>{setting};
    names.push_back(setting.name);
  }
  return user_error(fmt::format("the study has no setting `{}`{}", name, did_you_mean(name, names)));
}

// Two repeats or fewer boot, more are restored from saved guests (experiment/execute.cpp): a remainder of one
// or two belongs to the batch before it, so that all runs of a setting start the same way.
int batch_size(int left, int jobs) {
  const int batch = std::max(min_batch, jobs);
  return left <= batch + 2 ? left : batch;
}

// Runs what the setting lacks, at most a batch of it; `got` is how many it has.
Result<void> run_batch(const Study& study, const Setting& setting, run::Request request, int got,
                       run::Executor& executor, run::Observer& observer) {
  request.scenarios = {study.scenario};
  request.kernels = {setting.kernel};
  request.append = setting.append;
  request.args = setting.args;
  request.machine = setting.machine;
  request.run = setting.run;
  request.first_guest = got;
  request.repeat = batch_size(setting.repeat - got, request.jobs);
  TRY_ASSIGN(const auto report, executor.execute(request, observer));
  std::vector<compare::Row> rows;
  for (const auto& run : report.cells.front().runs) {
    TRY_ASSIGN(auto row, compare::read_run(run.directory));
    row.setting = setting.name;
    rows.push_back(std::move(row));
  }
  TRY(compare::merge_rows(rows_file(study), rows));
  // A host on which whole batches fail would keep the study running forever.
  const bool all_failed =
      std::all_of(report.cells.front().runs.begin(), report.cells.front().runs.end(),
                  [](const auto& run) { return run.verdict == verdict::Verdict::infra_error; });
  if (all_failed && !Cancel::requested()) {
    return infra_error(
        fmt::format("all runs of `{}` failed because of host errors; see `hangar judge last`", setting.name));
  }
  return {};
}

Result<void> run_missing(const Study& study, const std::string& only, const run::Request& request,
                         Terminal& terminal, run::Executor& executor, run::Observer& observer) {
  TRY_ASSIGN(const std::vector<Setting> settings, chosen_settings(study, only));
  int need = 0;
  for (const Setting& setting : settings) {
    need += setting.repeat;
    // A kernel that does not exist is found now, not after the runs of the settings before it.
    auto spec = kernel::load_spec(request.source_tree, setting.kernel);
    if (!spec) return std::move(spec).error().within(fmt::format("setting `{}`", setting.name));
  }
  std::vector<std::string> shown;
  while (!Cancel::requested()) {
    // Each time: the tree may change while the study runs.
    TRY_ASSIGN(const auto current, load_current(study, request.source_tree, request.home, &observer));
    const auto& rows = current.rows;
    if (current.notes != shown) {
      for (const std::string& note : current.notes)
        terminal.say(sanitize_for_terminal("study " + study.name + ": " + note));
    }
    shown = current.notes;
    const auto have = count_runs(rows);
    const Setting* next = most_wanting(settings, have);
    if (next == nullptr) return {};
    const auto count = have.find(next->name);
    const int got = count == have.end() ? 0 : count->second;
    terminal.say(fmt::format("study {}: {} of about {} rows; next: {} ({} of {})", study.name, rows.size(),
                             need, next->name, got, next->repeat));
    TRY(run_batch(study, *next, request, got, executor, observer));
  }
  return interrupted_error();
}

struct Page {
  std::string table;
  std::string whole;
};

Page make_page(const Study& study, const std::string& word, const compare::CurrentRows& current) {
  const std::vector<compare::Row>& rows = current.rows;
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
  std::string notes;
  for (const std::string& note : current.notes) notes += "\n" + note + ".\n";
  const auto cells = compare::summarise_all(plain, inputs.names);
  std::string tables = compare::markdown_table(cells);
  for (const std::string& table : {compare::times_table(cells), compare::guests_table(cells)})
    tables += table.empty() ? "" : "\n" + table;
  return {tables + notes, study_page(inputs, rows) + notes};
}

// For a study beside which there is no page yet.
std::string new_readme(const Study& study) {
  return fmt::format("# {}\n\n{}\n\n## Measured\n\n<!-- measured: begin -->\n<!-- measured: end -->\n",
                     study.name, study.about.empty() ? "(what this measures)" : study.about);
}

// README's measured part; and the whole page beside it, when there is more to say than that table.
Result<std::string> update_pages(const Study& study, const Page& page) {
  const fs::path readme = study.file.parent_path() / "README.md";
  std::string text = new_readme(study);
  if (fs::exists(readme)) {
    TRY_ASSIGN(text, read_file(readme));
  }
  auto replaced = compare::replace_measured(text, page.table);
  if (!replaced) return std::move(replaced).error().within(readme.string());
  TRY(write_file(readme, *replaced));
  if (!fs::exists(study.file)) return std::string("README.md");
  TRY(write_file(study.file.parent_path() / "MEASURED.md", page.whole));
  return std::string("README.md and MEASURED.md");
}

// hangar.study/1: how many runs each setting has, of those that it is to have.
std::string study_json(const Study& study, const compare::CurrentRows& current) {
  std::map<std::string, compare::CellSummary> cells;
  for (auto& cell : compare::summarise_all(current.rows, {})) cells[cell.name] = cell;
  auto settings = nlohmann::ordered_json::array();
  for (const Setting& setting : all_settings(study)) {
    const compare::CellSummary& cell = cells[setting.name];
    settings.push_back({{"name", setting.name},
                        {"kernel", setting.kernel},
                        {"repeat", setting.repeat},
                        {"runs", cell.runs},
                        {"hung", cell.hung},
                        {"excluded", cell.spoilt}});
  }
  const nlohmann::ordered_json out = {{"schema", "hangar.study/1"},  {"study", study.name},
                                      {"rows", current.rows.size()}, {"ignored_rows", current.ignored},
                                      {"notes", current.notes},      {"settings", settings}};
  return json_text(out, 1) + "\n";
}

}  // namespace

Result<int> study_command(const Args& args) {
  Options options(
      "study",
      "Performs the missing runs of a study (reproducers/NAME/study.yaml, or else ten runs on each kernel of "
      "the scenario's matrix) and stores one row per run in runs.jsonl beside it. An interrupted study "
      "continues with the runs that are missing.",
      "  hangar study oom-kill\n  hangar study mmap-lock-livelock --update   # pages from the rows, no runs");
  std::string word;
  std::optional<int> jobs;
  std::string setting;
  std::optional<int> guests;
  std::string image;
  EngineOptions engine;
  bool update = false;
  bool table = false;
  options.value("name", word, "a reproducer's name, or the path of a folder or a study.yaml",
                "SCENARIO|PATH");
  options.required("name");
  options.value("-j,--jobs", jobs,
                "number of guests at a time, 1 to 64 (default: as many as fit into CPUs and memory)");
  options.value("--setting", setting, "perform runs of this setting only (default: all settings)", "NAME");
  options.value("--guests", guests,
                "number of snapshots that a setting's restored runs are taken from, 1 to 64 (default: 5)");
  declare_image(options, image);
  declare_engine(options, engine);
  options.flag("--table", table, "perform no runs; print the table of the stored rows");
  options.flag(
      "--update", update,
      "perform no runs; write the table in README.md (created if missing) and MEASURED.md from the rows");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(Study study, scenario::load_study(tree, word));
  TRY(set_image(image, study));
  if (guests && (*guests < 1 || *guests > 64)) return user_error("--guests: expected 1 to 64");
  if (jobs && (*jobs < 1 || *jobs > 64)) return user_error("--jobs: expected 1 to 64");
  TRY_ASSIGN(const Home home, options.common().home());
  Terminal terminal(options.common().quiet, options.common().no_color);
  if (!table && !update) {
    run::Request request;
    request.source_tree = tree;
    request.home = home;
    request.jobs = jobs.value_or(0);
    request.guests = guests.value_or(default_guests);
    Progress progress(terminal, options.common().json);
    TRY_ASSIGN(const cluster::Site site, site_of(engine));
    auto ran = run_missing(study, setting, request, terminal, *executor_for(site), progress);
    terminal.live_done();
    if (!ran) return std::move(ran).error();
  }
  TRY_ASSIGN(const auto current, load_current(study, tree, home, nullptr));
  const Page page = make_page(study, word, current);
  if (update) {
    TRY_ASSIGN(const std::string written, update_pages(study, page));
    terminal.say("written: " + written + " in " + study.file.parent_path().string());
  }
  if (options.common().json) {
    print_out("{}", study_json(study, current));
  } else if (!update) {
    print_out("{}", sanitize_lines(page.table));
  }
  return 0;
}

}  // namespace hangar::cli
