// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/text.h"
#include "harness/cli/arm_reader.h"
#include "harness/cli/commands.h"
#include "harness/cli/comparison_table.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/progress.h"
#include "harness/cli/terminal.h"
#include "harness/experiment/prepare.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/spec/spec.h"
#include "harness/mail/import.h"
#include "harness/mail/write.h"
#include "harness/scenario/scenario.h"

namespace hangar::cli {
namespace {

// OOM kills, a memcg, swap and slab: what a patch of memory management may break.
const std::vector<std::string>& default_scenarios() {
  static const std::vector<std::string> names = {"oom-kill", "oom-storm", "memcg-oom", "swap-thrash-livelock",
                                                 "slab-churn"};
  return names;
}
constexpr const char* fragment_of_default_scenarios = "memcg";
constexpr double default_margin = 0.1;
constexpr int default_runs = 40;  // of each kernel, over all scenarios

struct Given {
  std::vector<std::string> words;  // the patch, then scenarios
  std::string on;
  std::optional<double> margin;
  std::optional<int> runs;
  std::optional<int> jobs;
};

// A series in the cache, named by its contents.
struct Series {
  std::string name;
  fs::path folder;
};

Result<Series> import_series(const std::string& path, const Home& home) {
  TRY_ASSIGN(const mail::Findings findings, mail::import_paths({path}));
  if (findings.patches.empty()) return user_error(fmt::format("{}: no patch found", path));
  Digest digest;
  for (const mail::Patch& patch : findings.patches) {
    if (!patch.whole()) {
      return user_error(fmt::format("{}: the patch \"{}\" is damaged: see `hangar import {} --dry-run`", path,
                                    sanitize_for_terminal(patch.title), path));
    }
    digest.add("patch", mail::patch_file(patch));
  }
  Series series;
  series.name = mail::slug(findings.patches.front().title);
  series.folder = home.cache / "validate" / digest.hex().substr(0, 12) / series.name;
  if (!fs::exists(series.folder / "series.yaml"))
    TRY(mail::write_series(series.folder, findings.patches, findings.logs));
  return series;
}

bool has_part(const std::string& kernel, const std::string& part) {
  const auto parts = split(kernel, '+');
  return std::find(parts.begin() + 1, parts.end(), part) != parts.end();
}

// Both kernels do the same: a comment, a name, a file that is not compiled.
Result<bool> is_same_code(const std::vector<std::string>& kernels, const fs::path& tree, const Home& home,
                          run::Observer& observer) {
  const kernel::Cache cache(home.cache);
  std::vector<std::string> signatures;
  for (const std::string& name : kernels) {
    TRY_ASSIGN(const auto spec, kernel::load_spec(tree, name));
    TRY_ASSIGN(const auto artifact, experiment::build_kernel(cache, spec, observer));
    signatures.push_back(artifact.signature);
  }
  return !signatures.front().empty() && signatures.front() == signatures.back();
}

void declare(Options& options, Given& given) {
  options.list(
      "patch", given.words,
      "a patch, a mail, a folder with a series; then the scenarios to run (default: oom-kill, oom-storm, "
      "memcg-oom, swap-thrash-livelock, slab-churn)",
      "PATCH|SCENARIO");
  options.required("patch");
  options.value("--on", given.on, "the kernel that the patch is applied to (required)", "KERNEL");
  options.value("--no-worse-than", given.margin,
                "the rise of the hang rate that would be too much (default: 0.1)", "MARGIN");
  options.value("-n,--repeat", given.runs, "number of runs of each kernel over all scenarios (default: 40)");
  options.value("-j,--jobs", given.jobs, "number of guests at a time, 1 to 64 (default: as many as fit)");
}

Result<void> check(const Given& given) {
  if (given.on.empty())
    return user_error("--on is required: the kernel that the patch is applied to, such as v6.1");
  TRY(check_margin(given.margin));
  TRY(check_count("--repeat", given.runs, most_repeats));
  return check_count("--jobs", given.jobs, most_jobs);
}

}  // namespace

Result<int> validate_command(const Args& args) {
  Options options(
      "validate",
      "Validates a patch: applies it to a kernel, builds the kernel with and without it, runs scenarios "
      "on both in turns, and reports whether the hang rate is shown not to rise.",
      "  hangar validate fix.patch --on v6.1\n"
      "  hangar validate thread.mbox --on v6.1-oom-2015 mmap-lock-livelock --repeat 20");
  Given given;
  declare(options, given);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY(check(given));
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(const Home home, options.common().home());
  TRY_ASSIGN(const Series series, import_series(given.words.front(), home));
  run::Request request;
  request.source_tree = tree;
  request.home = home;
  request.scenarios = {given.words.begin() + 1, given.words.end()};
  request.jobs = given.jobs.value_or(0);
  if (request.scenarios.empty()) {
    request.scenarios = default_scenarios();
    if (!has_part(given.on, fragment_of_default_scenarios))
      given.on += std::string("+") + fragment_of_default_scenarios;
  }
  for (const std::string& name : request.scenarios) {
    TRY(scenario::load_scenario(tree, name));
  }
  const std::vector<std::string> kernels = {given.on, given.on + "+" + series.folder.string()};
  Terminal terminal(options.common().quiet, options.common().no_color);
  Progress progress(terminal, options.common().json);
  TRY_ASSIGN(const bool same, is_same_code(kernels, tree, home, progress));
  const ArmReader reader(home, request.scenarios, terminal);
  const int cells = static_cast<int>(request.scenarios.size());
  if (same) {
    compare::Comparison nothing;
    nothing.arms = {compare::make_arm(given.on, {}), compare::make_arm(given.on + "+" + series.name, {})};
    nothing.sentence =
        fmt::format("{} changes no code: {} has the same signature with and without it. Nothing was run.",
                    series.name, given.on);
    print_out("{}\n", options.common().json ? compare::to_json(nothing) : nothing.sentence);
    return 0;
  }
  TRY(run_missing(reader, kernels, (given.runs.value_or(default_runs) + cells - 1) / cells, request,
                  progress));
  std::vector<compare::Arm> arms;
  for (const std::string& kernel : kernels) {
    TRY_ASSIGN(compare::Arm arm, reader.read(kernel));
    arms.push_back(std::move(arm));
  }
  arms.back().name = given.on + "+" + series.name;
  TRY(compare::check_arms(arms));
  return show_comparison(
      compare::compare_arms(std::move(arms), {given.margin.value_or(default_margin), false}),
      options.common(), terminal);
}

}  // namespace hangar::cli
