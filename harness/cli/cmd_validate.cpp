// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/cli/arm_reader.h"
#include "harness/cli/commands.h"
#include "harness/cli/comparison_table.h"
#include "harness/cli/default_scenarios.h"
#include "harness/cli/engine.h"
#include "harness/cli/image_option.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/patched_kernel.h"
#include "harness/cli/progress.h"
#include "harness/cli/terminal.h"
#include "harness/experiment/prepare.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/spec/spec.h"

namespace hangar::cli {
namespace {

constexpr const char* fragment_of_default_scenarios = "memcg";
constexpr double default_margin = 0.1;
constexpr int default_runs = 40;  // of each kernel, over all scenarios

struct Given {
  std::vector<std::string> words;  // the patch or the tree, then scenarios
  std::string on;
  std::string range;
  std::optional<double> margin;
  std::optional<int> runs;
  std::optional<int> jobs;
  std::string budget;
  std::string append;
  std::string image;
  EngineOptions engine;
};

// Both kernels do the same: a comment, a name, a file that is not compiled.
Result<bool> is_same_code(const PatchedKernel& kernels, const run::Request& request,
                          run::Observer& observer) {
  const kernel::Cache cache(request.home.cache);
  std::vector<std::string> signatures;
  for (const std::string& name : {kernels.before, kernels.after}) {
    TRY_ASSIGN(const auto spec, kernel::load_spec(request.source_tree, name));
    TRY_ASSIGN(const auto artifact, experiment::build_kernel(cache, spec, observer));
    signatures.push_back(artifact.signature);
  }
  return !signatures.front().empty() && signatures.front() == signatures.back();
}

void declare(Options& options, Given& given) {
  options.list("patch", given.words,
               "a patch, a mail, a folder with a series, or a git tree of Linux; then the scenarios to run "
               "(default: oom-kill, oom-storm, memcg-oom, swap-thrash-livelock, slab-churn)",
               "PATCH|TREE|SCENARIO");
  options.required("patch");
  options.value(
      "--on", given.on,
      "the kernel that the patch is applied to. Required for a patch; without it, a tree is compared "
      "with its own commit",
      "KERNEL");
  options.value("--range", given.range, "the commits of TREE to validate (default: its uncommitted changes)",
                "A..B");
  options.value("--no-worse-than", given.margin,
                "the rise of the hang rate that would be too much (default: 0.1)", "MARGIN");
  options.value("-n,--repeat", given.runs, "number of runs of each kernel over all scenarios (default: 40)");
  options.value("--budget", given.budget, "begin no further run after this time, such as 2h", "DURATION");
  options.text("--append", given.append, "append parameters to the command line of each kernel", "CMDLINE");
  declare_image(options, given.image);
  options.value("-j,--jobs", given.jobs, "number of guests at a time, 1 to 64 (default: as many as fit)");
  declare_engine(options, given.engine);
}

Result<void> check(const Given& given) {
  TRY(check_margin(given.margin));
  TRY(check_count("--repeat", given.runs, most_repeats));
  return check_count("--jobs", given.jobs, most_jobs);
}

Result<run::Request> request_of(const Given& given, const Home& home) {
  run::Request request;
  TRY_ASSIGN(request.source_tree, need_source_tree());
  request.home = home;
  request.scenarios = {given.words.begin() + 1, given.words.end()};
  request.append = given.append;
  TRY_ASSIGN(request.machine.image, image_of(given.image));
  request.jobs = given.jobs.value_or(0);
  if (request.scenarios.empty()) request.scenarios = default_scenarios();
  return request;
}

Result<PatchedKernel> find_kernels(const Given& given, const run::Request& request, Terminal& terminal) {
  const bool by_default = given.words.size() == 1;
  const ChangeGiven change{given.words.front(), given.range, given.on,
                           by_default ? fragment_of_default_scenarios : ""};
  const auto note = [&](const std::string& text) { terminal.say(text); };
  TRY_ASSIGN(PatchedKernel kernels, find_patched_kernel(change, request.source_tree, request.home, note));
  for (const std::string& line : kernels.placement) terminal.say(line);
  return kernels;
}

int show_no_change(const PatchedKernel& kernels, const Common& common) {
  compare::Comparison nothing;
  nothing.arms = {compare::make_arm(kernels.before_name, {}), compare::make_arm(kernels.after_name, {})};
  nothing.sentence = fmt::format("{} changes no code: {} and {} have the same signature. Nothing was run.",
                                 kernels.change, kernels.before_name, kernels.after_name);
  print_out("{}\n", common.json ? compare::to_json(nothing) : sanitize_for_terminal(nothing.sentence));
  return 0;
}

Result<std::vector<compare::Arm>> read_arms(const ArmReader& reader, const PatchedKernel& kernels) {
  TRY_ASSIGN(compare::Arm before, reader.read(kernels.before));
  TRY_ASSIGN(compare::Arm after, reader.read(kernels.after));
  before.name = kernels.before_name;
  after.name = kernels.after_name;
  std::vector<compare::Arm> arms = {std::move(before), std::move(after)};
  TRY(compare::check_arms(arms));
  return arms;
}

// Of each scenario.
int runs_of_each(const Given& given, std::size_t scenarios) {
  const int count = static_cast<int>(scenarios);
  return (given.runs.value_or(default_runs) + count - 1) / count;
}

}  // namespace

Result<int> validate_command(const Args& args) {
  Options options(
      "validate",
      "Validates a change: builds a kernel with and without it, runs scenarios on both in turns, and reports "
      "whether the hang rate is shown not to rise.",
      "  hangar validate fix.patch --on v6.1\n"
      "  hangar validate thread.mbox --on v6.1-oom-2015 mmap-lock-livelock --repeat 20\n"
      "  hangar validate ~/linux --range v6.12..my-branch");
  Given given;
  declare(options, given);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY(check(given));
  TRY_ASSIGN(const Home home, options.common().home());
  TRY_ASSIGN(const run::Request request, request_of(given, home));
  TRY_ASSIGN(const auto scenarios, scenario_names(request.source_tree, request.scenarios, true));
  StopEarly stop;
  TRY_ASSIGN(stop.until, end_of_budget(given.budget));
  Terminal terminal(options.common().quiet, options.common().no_color);
  TRY_ASSIGN(const PatchedKernel kernels, find_kernels(given, request, terminal));
  Progress progress(terminal, options.common().json);
  TRY_ASSIGN(const bool same, is_same_code(kernels, request, progress));
  if (same) return show_no_change(kernels, options.common());
  TRY_ASSIGN(const cluster::Site site, site_of(given.engine));
  const ArmReader reader(home, {request.source_tree, scenarios, given.append, request.machine.image, false},
                         terminal);
  TRY(run_missing(reader, {kernels.before, kernels.after}, runs_of_each(given, scenarios.size()), request,
                  *executor_for(site), progress, stop));
  TRY_ASSIGN(auto arms, read_arms(reader, kernels));
  return show_comparison(
      compare::compare_arms(std::move(arms), {given.margin.value_or(default_margin), false, true}),
      options.common(), terminal);
}

}  // namespace hangar::cli
