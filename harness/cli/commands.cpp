// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/commands.h"

#include "harness/base/home.h"
#include "harness/cli/git_bisect.h"

namespace hangar::cli {

const std::vector<Subcommand>& subcommands() {
  static const std::vector<Subcommand> table = {
      {"run", "build and boot kernels, run reproducers, report verdicts", run_or_bisect_command},
      {"resume", "continue a run that was interrupted or killed", resume_command},
      {"attach", "follow an experiment that runs under Slurm", attach_command},
      {"cancel", "end the jobs of an experiment under Slurm", cancel_command},
      {"judge", "judge stored runs again, without booting", judge_command},
      {"build", "build kernels into the cache", build_command},
      {"config", "compare the configurations of two kernels", config_command},
      {"cache", "list, prune and verify the build cache", cache_command},
      {"import", "extract patches from mail, try them on a kernel", import_command},
      {"list", "list kernels, scenarios and stored runs", list_command},
      {"runs", "list and prune stored runs by size and age", runs_command},
      {"db", "rebuild the index of stored runs", db_command},
      {"study", "measure hang rates of a scenario in many settings", study_command},
      {"compare", "compare two or more kernels: does one hang less often?", compare_command},
      {"validate", "build, run and compare a kernel with and without a patch", validate_command},
      {"bisect", "find the revision that introduced a hang", bisect_command},
      {"shrink", "find the steps of a sequence that a hang needs", shrink_command},
      {"nightly", "follow kernels: run, compare, bisect and report each night", nightly_command},
      {"export", "print outcomes of stored runs, one JSON line each", export_command},
      {"show", "show one stored run on one axis of time", show_command},
      {"report", "write a report: HTML, mail, JUnit, KTAP, kcidb, CSV", report_command},
      {"tested-by", "print a reply to a patch: what was tested, and the result", tested_by_command},
      {"log", "report OOM kills, hangs and crashes in a console log", log_command},
      {"shell", "boot a kernel and attach to its console", shell_command},
      {"update", "update a kernel's source to the published version", update_command},
      {"doctor", "check what Hangar needs on this host", doctor_command},
      {"help", "print the page of a command or subject", help_command},
      {"completion", "print the completion script of a shell", completion_command},
      {"__complete", nullptr, complete_command},
      {"man", nullptr, man_command},
      {"task", nullptr, task_command},
      {"worker", nullptr, worker_command},
  };
  return table;
}

CommandInfo describe(const Subcommand& command) {
  CommandInfo info;
  info.name = command.name;
  const Options::Description describing(info);
  (void)command.run({});
  return info;
}

Result<std::string> need_source_tree() {
  TRY_ASSIGN(const auto tree, find_source_tree());
  if (!tree) {
    return user_error(
        "cannot find the folder with kernels/, reproducers/ and images/; change to a checkout of Hangar, or "
        "set "
        "HANGAR_SOURCE");
  }
  return tree->string();
}

}  // namespace hangar::cli
