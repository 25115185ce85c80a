// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/plan.h"

#include <algorithm>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/experiment/execute.h"
#include "harness/experiment/expectations.h"
#include "harness/kernel/spec/spec_version.h"
#include "harness/run/request.h"
#include "harness/scenario/program.h"
#include "harness/scenario/sequence.h"

namespace hangar::experiment {
namespace {

void override_args(scenario::Reproducer& reproducer, const run::Request& request) {
  for (const auto& [key, value] : request.args) {
    const auto given = std::find_if(reproducer.args.begin(), reproducer.args.end(),
                                    [&name = key](const auto& arg) { return arg.first == name; });
    if (given != reproducer.args.end()) {
      given->second = value;
    } else {
      reproducer.args.emplace_back(key, value);
    }
  }
}

void override_rules(scenario::Scenario& scenario, const run::Request& request) {
  override_args(scenario.reproducer, request);
  apply(request.machine, scenario.machine);
  apply(request.run, scenario.run);
  if (request.repeat) scenario.run.repeat = *request.repeat;
}

// The scenario keeps its own list: its first kernel is whose expectations hold for one that it does not know.
std::vector<std::string> chosen_kernels(const scenario::Scenario& scenario, const run::Request& request) {
  if (!request.kernels.empty()) return request.kernels;
  return request.matrix ? all_kernels(scenario) : scenario.kernels;
}

}  // namespace

void set_steps(const run::Request& request, const Cell& cell, run::RunSpec& spec) {
  const scenario::Scenario& scenario = cell.scenario;
  std::vector<int> numbers = request.steps.empty() ? steps_in_order(scenario) : request.steps;
  spec.shuffled = request.steps.empty() && scenario.order == scenario::Order::random;
  if (spec.shuffled) numbers = scenario::shuffled(std::move(numbers), spec.seed);
  spec.steps.clear();
  for (const int number : numbers) {
    const scenario::Step& step = scenario.sequence[static_cast<std::size_t>(number) - 1];
    spec.steps.push_back({step.name, number, guest_argv(step.reproducer), step.may_fail});
  }
}

run::StopRule stop_rule(const run::Request& request, const scenario::Scenario& scenario) {
  // Bounds for rules that might not end otherwise; after 10,000 runs the sequence of a rate near a half is
  // 0.04 wide.
  constexpr int most_until_hang = 1000;
  constexpr int most_until_confident = 10000;
  run::StopRule rule{scenario.run.repeat, request.until_hang, request.until_confident, request.until_fail};
  if (request.repeat) return rule;
  if (rule.until_hang) rule.at_most = most_until_hang;
  if (rule.until_confident) rule.at_most = most_until_confident;
  return rule;
}

int guests_of(const run::Request& request, const scenario::Scenario& scenario) {
  // Saving a guest takes about as long as a boot: four more are cheap beside twenty runs.
  constexpr int repeats_worth_five = 20;
  if (request.guests > 0) return request.guests;
  return stop_rule(request, scenario).at_most >= repeats_worth_five ? 5 : 1;
}

namespace {

// Options that change the program do not name a step.
Result<void> check_sequence(const run::Request& request, const scenario::Scenario& scenario) {
  TRY(check_steps(scenario, request.steps));
  const char* option = request.exec               ? "--exec"
                       : !request.command.empty() ? "--command"
                       : !request.args.empty()    ? "--arg"
                                                  : nullptr;
  if (scenario.sequence.empty() || option == nullptr) return {};
  return user_error(
      fmt::format("{} replaces a part of one program, and the scenario {} is a sequence: "
                  "change its file, or choose steps with --steps",
                  option, scenario.name));
}

// A shell is in the images only.
Result<void> check_commands(const scenario::Scenario& scenario) {
  const auto has_command = [](const scenario::Step& step) { return !step.reproducer.command.empty(); };
  const auto& steps = scenario.sequence;
  const bool any =
      !scenario.reproducer.command.empty() || std::any_of(steps.begin(), steps.end(), has_command);
  if (!scenario.reproducer.selftests.empty())
    TRY(scenario::check_command(guest_argv(scenario.reproducer).back()));
  if (!any || scenario.machine.image.kind != ImageKind::initramfs) return {};
  return user_error(
      fmt::format("{}: a command needs a shell, and the initramfs has none: add `--image debian` "
                  "(`hangar help images`)",
                  scenario.name));
}

// What the steps name. The files are listed in the order of the steps.
Result<std::vector<fs::path>> find_steps(const run::Request& request, scenario::Scenario& scenario) {
  std::vector<fs::path> files;
  for (scenario::Step& step : scenario.sequence) {
    TRY_ASSIGN(const scenario::ProgramPlace place,
               find_program(step.reproducer, scenario.file, request.source_tree));
    step.reproducer.program = place.name;
    if (place.file) files.push_back(*place.file);
  }
  return files;
}

// --exec, else what the scenario names. The program is looked for before anything is built.
Result<void> choose_program(const run::Request& request, scenario::Scenario& scenario,
                            std::optional<fs::path>& file) {
  file = request.exec;
  if (request.exec) {
    scenario.reproducer.command.clear();
    scenario.reproducer.selftests.clear();
  }
  if (!request.command.empty()) scenario.reproducer.command = request.command;
  if (request.exec || !scenario.sequence.empty()) return {};
  TRY_ASSIGN(const scenario::ProgramPlace place, find_program(scenario, request.source_tree));
  scenario.reproducer.program = place.name;
  file = place.file;
  return {};
}

Result<Cell> make_cell(const run::Request& request, const scenario::Scenario& scenario,
                       const std::optional<fs::path>& program, const std::string& kernel) {
  TRY_ASSIGN(kernel::Spec spec, kernel::load_spec(request.source_tree, kernel));
  if (!request.memalloc_info) spec.if_they_fit.clear();
  const Version version = kernel::version_of(spec.source);
  Cell cell{scenario, std::move(spec), {}, "", false, program, {}};
  TRY(choose_expectations(request, kernel, version, cell));
  return cell;
}

}  // namespace

Result<std::vector<Cell>> make_cells(const run::Request& request) {
  std::vector<Cell> cells;
  std::vector<std::string> names = request.scenarios;
  if (names.empty()) names.push_back(run::default_scenario);
  for (const std::string& name : names) {
    TRY_ASSIGN(scenario::Scenario scenario, scenario::load_scenario(request.source_tree, name));
    override_rules(scenario, request);
    TRY(check_sequence(request, scenario));
    std::optional<fs::path> program;
    TRY(choose_program(request, scenario, program));
    TRY(check_commands(scenario));
    TRY_ASSIGN(const std::vector<fs::path> step_files, find_steps(request, scenario));
    for (const std::string& kernel : chosen_kernels(scenario, request)) {
      TRY_ASSIGN(Cell cell, make_cell(request, scenario, program, kernel));
      cell.step_files = step_files;
      cells.push_back(std::move(cell));
    }
  }
  if (cells.empty()) return user_error("nothing to run: no kernel is named");
  return cells;
}

Result<Plan> plan(const run::Request& request) {
  Plan plan;
  TRY_ASSIGN(plan.cells, make_cells(request));
  const kernel::Cache cache(request.home.cache);
  for (const Cell& cell : plan.cells) {
    const auto& rules = cell.scenario.run;
    const int repeats = stop_rule(request, cell.scenario).at_most;
    plan.runs += repeats;
    plan.run_s_at_most += repeats * static_cast<double>((rules.boot_deadline + rules.deadline).count()) / 1e3;
    bool known = false;
    for (const auto& kernel : plan.kernels) known = known || kernel.name == cell.kernel.name;
    if (known) continue;
    TRY_ASSIGN(auto building, cache.plan(cell.kernel));
    if (!building.cached && building.expected_s)
      plan.build_s = plan.build_s.value_or(0) + *building.expected_s;
    plan.kernels.push_back({cell.kernel.name, std::move(building)});
  }
  return plan;
}

Result<fs::path> scratch_folder() {
  const fs::path folder = fmt::format("/tmp/hangar-{}", ::geteuid());
  ::mkdir(folder.c_str(), 0711);
  struct stat info = {};
  const bool ours =
      ::lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid();
  if (!ours)
    return infra_error(fmt::format("{} is not a folder owned by this user; remove it", folder.string()));
  ::chmod(folder.c_str(), 0711);
  return folder;
}

}  // namespace hangar::experiment
