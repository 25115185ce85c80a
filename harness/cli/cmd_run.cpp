// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/engine.h"
#include "harness/cli/git_bisect.h"
#include "harness/cli/image_option.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/progress.h"
#include "harness/cli/show.h"
#include "harness/cli/terminal.h"
#include "harness/experiment/plan.h"
#include "harness/outcome/expected.h"
#include "harness/scenario/sequence.h"

namespace hangar::cli {
namespace {

std::string times(const run::StopRule& rule) {
  std::string number = fmt::format("{} time{}", rule.at_most, rule.at_most == 1 ? "" : "s");
  if (rule.until_hang) return "until it hangs, at most " + number;
  if (rule.until_confident)
    return fmt::format("until the hang rate is known to {:g}, at most {}", *rule.until_confident, number);
  return number;
}

void print_plan(const run::Request& request, const experiment::Plan& plan) {
  for (const auto& kernel : plan.kernels) {
    const std::string time =
        kernel.plan.expected_s ? ", about " + format_seconds(*kernel.plan.expected_s) : "";
    const std::string from =
        kernel.plan.started_from.empty() ? "" : " starting from " + kernel.plan.started_from;
    print_out("kernel {}: {}\n", sanitize_for_terminal(kernel.name),
              kernel.plan.cached ? "in the cache" : fmt::format("would be built{}{}", from, time));
  }
  for (const auto& cell : plan.cells) {
    const auto longest = cell.scenario.run.boot_deadline + cell.scenario.run.deadline;
    const std::string judged = outcome::judged_text(cell.judged_as, expects_hang(cell.expected));
    print_out("run {} on {}: {}, at most {} each, and longer after a hang{}\n",
              sanitize_for_terminal(cell.scenario.name), sanitize_for_terminal(cell.kernel.name),
              times(experiment::stop_rule(request, cell.scenario)),
              format_seconds(static_cast<double>(longest.count()) / 1e3),
              judged.empty() ? "" : "; " + judged);
  }
  const bool all_built = std::all_of(plan.kernels.begin(), plan.kernels.end(),
                                     [](const auto& kernel) { return kernel.plan.cached; });
  const std::string building = all_built ? ""
                               : plan.build_s
                                   ? fmt::format(" after about {} of building", format_seconds(*plan.build_s))
                                   : " plus build time (unknown: nothing was built on this host yet)";
  print_out("{} runs, at most {}{}\n", plan.runs, format_seconds(plan.run_s_at_most), building);
}

// hangar.plan/1.
std::string plan_json(const run::Request& request, const experiment::Plan& plan) {
  using nlohmann::ordered_json;
  ordered_json kernels = ordered_json::array();
  for (const auto& kernel : plan.kernels) {
    kernels.push_back({{"name", kernel.name},
                       {"cached", kernel.plan.cached},
                       {"build_s", or_null(kernel.plan.expected_s)}});
  }
  ordered_json cells = ordered_json::array();
  for (const auto& cell : plan.cells) {
    const run::StopRule rule = experiment::stop_rule(request, cell.scenario);
    cells.push_back({{"scenario", cell.scenario.name},
                     {"kernel", cell.kernel.name},
                     {"judged_as", or_null(cell.judged_as)},
                     {"runs_at_most", rule.at_most},
                     {"until_hang", rule.until_hang},
                     {"until_confident", or_null(rule.until_confident)}});
  }
  const ordered_json out = {{"schema", "hangar.plan/1"},
                            {"kernels", kernels},
                            {"cells", cells},
                            {"runs_at_most", plan.runs},
                            {"build_s", or_null(plan.build_s)},
                            {"run_s_at_most", plan.run_s_at_most}};
  return json_text(out, 1) + "\n";
}

// One of `known`, when it was given.
Result<void> check_word(const std::string& option, const std::optional<std::string>& word,
                        const std::vector<std::string>& known) {
  if (!word || std::find(known.begin(), known.end(), *word) != known.end()) return {};
  return user_error(fmt::format("{}: invalid value `{}` (expected {}){}", option, *word, join(known, ", "),
                                did_you_mean(*word, known)));
}

template <Worded E>
Result<void> take_word(const std::string& option, const std::optional<std::string>& word,
                       std::optional<E>& into) {
  TRY(check_word(option, word, all_words<E>()));
  if (word) into = from_word<E>(*word);
  return {};
}

Result<void> check(const run::Request& request, const std::optional<int>& jobs,
                   const std::optional<int>& guests) {
  TRY(check_count("--guests", guests, 64));
  TRY(check_count("--repeat", request.repeat, most_repeats));
  if (request.matrix && !request.kernels.empty())
    return user_error("--matrix and --kernel are mutually exclusive");
  TRY(check_count("--jobs", jobs, most_jobs));
  const auto& width = request.until_confident;
  if (width && (*width <= 0 || *width >= 1)) {
    return user_error("--until-confident: expected a number between 0 and 1, such as 0.2");
  }
  return {};
}

Result<void> check(const scenario::MachineChanges& machine) {
  TRY(check_count("--cpus", machine.cpus, scenario::most_cpus));
  TRY(check_count("--disk-iops", machine.disk_iops, scenario::most_disk_iops));
  return check_word("--disk", machine.disk, scenario::disk_words());
}

Result<void> take_args(const std::vector<std::string>& words, run::Request& request) {
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    if (equals == 0 || equals == std::string::npos)
      return user_error(fmt::format("--arg: expected KEY=VALUE, such as touch=none, not `{}`", word));
    request.args.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return {};
}

Result<void> take_memory(const std::string& text, run::Request& request) {
  if (text.empty()) return {};
  auto bytes = parse_size(text);
  if (!bytes) return std::move(bytes).error().within("--memory");
  if (*bytes < scenario::least_memory_bytes) return user_error("--memory: the minimum is 64MiB");
  request.machine.memory_bytes = *bytes;
  return {};
}

// Before anything is built; a name without a slash is a file of the working folder too.
Result<void> take_exec(const std::string& program, run::Request& request) {
  if (program.empty()) return {};
  if (!fs::is_regular_file(program))
    return user_error(fmt::format("--exec: {} is not a file, or cannot be reached", program));
  request.exec = program;
  return {};
}

Result<void> take_image(const std::string& text, run::Request& request) {
  TRY_ASSIGN(request.machine.image, image_of(text));
  if (request.command.empty()) return {};
  if (request.exec) return user_error("--exec and --command are mutually exclusive");
  if (!request.args.empty()) return user_error("--arg and --command are mutually exclusive");
  auto good = scenario::check_command(request.command);
  return good ? Result<void>() : std::move(good).error().within("--command");
}

struct Given {
  run::Request request;
  std::string exec;
  std::string image;
  std::vector<std::string> args;  // "key=value"
  std::string steps;              // "1,2,4"
  std::string memory;
  std::optional<std::string> accel;
  std::optional<std::string> boot;
  std::optional<int> jobs;
  std::optional<int> guests;
  EngineOptions engine;
  bool dry_run = false;
  bool git_bisect = false;
  bool timings = false;
  bool no_memalloc_info = false;
};

void declare_machine(Options& options, Given& given) {
  scenario::MachineChanges& machine = given.request.machine;
  options.value("--memory", given.memory, "memory of the guest, such as 512MiB (default: from the scenario)",
                "SIZE");
  options.value("--cpus", machine.cpus, "number of vCPUs (default: from the scenario)");
  options.value("--disk", machine.disk, "file system of the guest's disk (default: from the scenario)",
                "ext4|xfs");
  options.value("--disk-iops", machine.disk_iops,
                "limit the guest's disk to N operations per second (default: from the scenario)");
  options.value("--accel", given.accel, "accelerator of QEMU (default: from the scenario)", "auto|kvm|tcg");
}

void declare_choice(Options& options, Given& given) {
  run::Request& request = given.request;
  options.list("scenarios", request.scenarios,
               "scenarios to run: names (`hangar list scenarios`) or paths (default: mmap-lock-livelock)",
               "SCENARIO|PATH");
  options.list(
      "-k,--kernel", request.kernels,
      "kernel to boot in place of the scenario's: a spec, a composed name, a bzImage, a vmlinux or a "
      "source tree (`hangar help kernels`); can be repeated",
      "KERNEL|PATH");
  options.flag("--no-memalloc-info", given.no_memalloc_info,
               "build source trees without the series memalloc-info (default: with it, where it fits)");
  options.flag("--matrix", request.matrix, "run on all kernels of the scenario's matrix");
  options.value(
      "--expect", request.expect,
      "judge by what the scenario expects of this kernel (default: the kernel's own group, else the "
      "scenario's default)",
      "KERNEL");
  options.text("--append", request.append, "append parameters to the kernel's command line", "CMDLINE");
  options.value("--exec", given.exec,
                "run this program in place of the scenario's, with the same arguments: static, or a .c file; "
                "with an image also a script or a dynamic program",
                "PROGRAM");
  declare_image(options, given.image);
  options.value("--command", given.request.command,
                "run this command by the shell of the image in place of the scenario's program", "COMMAND");
  options.flag("--locked", given.request.locked,
               "fail if a package of the image has another version than in its lock file");
  options.list("--arg", given.args,
               "set an argument of the program; replaces the scenario's value of KEY; can be repeated",
               "KEY=VALUE");
  options.value(
      "--steps", given.steps,
      "run these steps of the scenario's sequence, in this order, such as 1,2,2,5 (default: all, as "
      "the scenario has them)",
      "LIST");
}

void declare_repeats(Options& options, Given& given) {
  run::Request& request = given.request;
  options.value(
      "-n,--repeat", request.repeat,
      "number of runs of each cell, 1 to 100000; with --until-hang or --until-confident, the maximum "
      "(default: from the scenario; 1000 with --until-hang, 10000 with --until-confident)");
  options.flag("--until-hang", request.until_hang, "repeat until a run hangs");
  options.value("--until-confident", request.until_confident,
                "repeat until the 95% interval of the hang rate is at most this wide, such as 0.2", "WIDTH");
  options.value("-j,--jobs", given.jobs,
                "number of guests at a time, 1 to 64 (default: as many as fit into CPUs and memory)");
  options.flag("--exclusive", request.exclusive, "run one guest at a time (for timing-sensitive scenarios)");
  options.value(
      "--boot", given.boot,
      "how repeats start: cold boots each, restore restores a snapshot, auto restores from 3 repeats "
      "on (default: from the scenario)",
      "auto|restore|cold");
  options.value(
      "--guests", given.guests,
      "number of snapshots that restored repeats are taken from, 1 to 64 (default: 5 from 20 repeats "
      "on, else 1)");
  options.value("--seed", request.seed, "seed for run order and start delays (default: random)");
}

void declare(Options& options, Given& given) {
  declare_choice(options, given);
  declare_machine(options, given);
  declare_repeats(options, given);
  declare_engine(options, given.engine);
  options.flag("--git-bisect", given.git_bisect, "exit as `git bisect run` expects: 0 good, 1 bad, 125 skip");
  options.flag("--timings", given.timings, "print the time that each step of each run took");
  options.flag("--dry-run", given.dry_run, "print what would be built and run, then exit");
}

}  // namespace

Result<int> run_command(const Args& args) {
  Options options("run",
                  "Builds kernels, boots them in QEMU, runs a reproducer in each guest and reports whether "
                  "the kernel hung, for how long, and which processes the OOM killer killed.",
                  "  hangar run                                    # the default scenario\n"
                  "  hangar run oom-kill --kernel v6.1 --repeat 5\n"
                  "  hangar run oom-kill --until-confident 0.2     # the hang rate, +/- 10%\n"
                  "  hangar run --kernel ~/linux --append oom2015=0 nothing");
  Given given;
  declare(options, given);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  run::Request& request = given.request;
  TRY(check(request, given.jobs, given.guests));
  TRY(check(request.machine));
  TRY(take_word("--boot", given.boot, request.boot));
  TRY(take_word("--accel", given.accel, request.machine.accel));
  TRY(take_args(given.args, request));
  TRY(take_memory(given.memory, request));
  if (!given.steps.empty()) {
    auto steps = scenario::parse_steps(given.steps);
    if (!steps) return std::move(steps).error().within("--steps");
    request.steps = std::move(*steps);
  }
  TRY_ASSIGN(const std::string tree, need_source_tree());
  request.source_tree = tree;
  TRY_ASSIGN(request.home, options.common().home());
  request.jobs = given.jobs.value_or(0);
  request.memalloc_info = !given.no_memalloc_info;
  request.guests = given.guests.value_or(0);
  TRY(take_exec(given.exec, request));
  TRY(take_image(given.image, request));
  TRY_ASSIGN(const cluster::Site site, site_of(given.engine));
  request.connect = site.connect;
  if (given.git_bisect && site.engine == cluster::Engine::slurm)
    return user_error("--git-bisect and --engine slurm are mutually exclusive");
  if (given.dry_run) {
    TRY_ASSIGN(const experiment::Plan plan, experiment::plan(request));
    if (options.common().json) {
      print_out("{}", plan_json(request, plan));
    } else {
      print_plan(request, plan);
    }
    return 0;
  }
  Terminal terminal(options.common().quiet, options.common().no_color);
  Progress progress(terminal, options.common().json);
  if (given.git_bisect)
    return show_bisect_step(terminal, experiment::bisect_step(request, progress), options.common());
  auto report = executor_for(site)->execute(request, progress);
  if (given.timings && report) show_timings(terminal, *report);
  if (site.engine == cluster::Engine::slurm)
    return show_report(terminal, options.common().json, std::move(report), "");
  return show_report(terminal, options.common().json, std::move(report));
}

}  // namespace hangar::cli
