// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/show.h"
#include "harness/cli/terminal.h"

namespace hangar::cli {
namespace {

class Progress : public experiment::Observer {
 public:
  Progress(Terminal& terminal, bool json) : terminal_(terminal), json_(json) {}

  void note(const std::string& line) override { terminal_.say(sanitize_for_terminal(line)); }

  void on_build(const std::string& kernel, const kernel::BuildProgress& progress) override {
    const std::string eta = progress.eta_s ? fmt::format(", {} to go", format_seconds(*progress.eta_s)) : "";
    terminal_.live(fmt::format("kernel {}: {} of {} objects{}  {}", kernel, progress.done, progress.total,
                               eta, progress.current));
  }

  void on_status(const std::string& cell, const experiment::Status& status) override {
    terminal_.live(fmt::format("{}: {:.0f} s, {}, guest up {:.1f} s, pulse {}, probe {}, {} OOM kills {}",
                               cell, status.time_s, status.phase, status.guest_s, age(status.pulse_age_s),
                               age(status.probe_age_s), status.oom_kills, status.note));
  }

  void on_run(const experiment::CellReport& cell, const experiment::RunReport& run) override {
    std::string text = describe_run(terminal_, cell.scenario + " on " + cell.kernel, run);
    if (!json_ && !text.empty()) terminal_.say(text.substr(0, text.size() - 1));
  }

 private:
  static std::string age(const std::optional<double>& age_s) {
    if (!age_s) return "-";
    return *age_s < 2 ? "ok" : fmt::format("silent {:.0f} s", *age_s);
  }

  Terminal& terminal_;
  bool json_;
};

void print_plan(const experiment::Plan& plan) {
  for (const auto& kernel : plan.kernels) {
    const std::string time =
        kernel.plan.expected_s ? ", about " + format_seconds(*kernel.plan.expected_s) : "";
    const std::string from =
        kernel.plan.started_from.empty() ? "" : " starting from " + kernel.plan.started_from;
    fmt::print("kernel {}: {}\n", kernel.name,
               kernel.plan.cached ? "in the cache" : fmt::format("would be built{}{}", from, time));
  }
  for (const auto& cell : plan.cells) {
    fmt::print("run {} on {}: {} time{}, at most {} each\n", cell.scenario.name, cell.kernel.name,
               cell.scenario.run.repeat, cell.scenario.run.repeat == 1 ? "" : "s",
               format_seconds(static_cast<double>(
                                  (cell.scenario.run.boot_deadline + cell.scenario.run.deadline).count()) /
                              1e3));
  }
  const bool all_built = std::all_of(plan.kernels.begin(), plan.kernels.end(),
                                     [](const auto& kernel) { return kernel.plan.cached; });
  const std::string building = all_built ? ""
                               : plan.build_s
                                   ? fmt::format(" after about {} of building", format_seconds(*plan.build_s))
                                   : " after building, for which there is no experience here yet";
  fmt::print("{} runs, at most {}{}\n", plan.runs, format_seconds(plan.run_s_at_most), building);
}

}  // namespace

Result<int> run_command(const Args& args) {
  Options options("run",
                  "Builds kernels, boots them, runs a reproducer in each and says whether it hung, for how "
                  "long, and who was killed.\n"
                  "Without arguments: the default scenario on its kernels.",
                  "  hangar run                                     the whole story\n"
                  "  hangar run oom-kill --kernel v6.1 --repeat 5\n"
                  "  hangar run --kernel ~/linux --append oom2015=0 nothing");
  experiment::Request request;
  std::string append;
  std::string exec;
  std::optional<int> jobs;
  bool dry_run = false;
  options.list("scenarios", request.scenarios, "names (`hangar list scenarios`) or paths", "SCENARIO|PATH");
  options.list("-k,--kernel", request.kernels, "instead of the scenario's; may be repeated",
               "SPEC|bzImage|vmlinux|TREE");
  options.value("--append", append, "add to the kernel's command line", "CMDLINE");
  options.value("--exec", exec, "run this program instead of the scenario's", "PROGRAM");
  options.value("-n,--repeat", request.repeat, "runs of each cell");
  options.value("-j,--jobs", jobs, "runs at once (1)");
  options.value("--connect", request.connect, "a libvirt daemon instead of our own", "URI");
  options.value("--accel", request.accel, "auto, kvm or tcg", "WORD");
  options.flag("--dry-run", dry_run, "say what would be built and run");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (request.repeat && (*request.repeat < 1 || *request.repeat > 100000))
    return user_error("--repeat takes 1 to 100000");
  if (jobs && (*jobs < 1 || *jobs > 64)) return user_error("--jobs takes 1 to 64");
  if (!request.accel.empty() && request.accel != "auto" && request.accel != "kvm" && request.accel != "tcg") {
    return user_error(fmt::format("--accel takes auto, kvm or tcg, not `{}`", request.accel));
  }
  TRY_ASSIGN(const std::string tree, need_source_tree());
  request.source_tree = tree;
  request.home = options.common().home();
  request.append = append;
  request.jobs = jobs.value_or(1);
  if (!exec.empty()) request.exec = exec;
  if (dry_run) {
    TRY_ASSIGN(const experiment::Plan plan, experiment::plan(request));
    print_plan(plan);
    return 0;
  }
  Terminal terminal(options.common().quiet, options.common().no_color);
  Progress progress(terminal, options.common().json);
  TRY_ASSIGN(const experiment::Report report, experiment::execute(request, progress));
  terminal.live_done();
  fmt::print("{}", options.common().json ? to_json(report) : result_table(terminal, report));
  return Cancel::requested() ? 130 : verdict::exit_status(report.verdict);
}

}  // namespace hangar::cli
