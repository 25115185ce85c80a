// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/commands.h"

#include "harness/base/home.h"
#include "harness/cli/git_bisect.h"

namespace hangar::cli {

const std::vector<Subcommand>& subcommands() {
  static const std::vector<Subcommand> table = {
      {"run", "build kernels, boot them, run reproducers, give verdicts", run_or_bisect_command},
      {"resume", "go on with a run that was interrupted or killed", resume_command},
      {"judge", "judge stored runs again, without booting anything", judge_command},
      {"build", "build kernels into the cache", build_command},
      {"config", "show how the configurations of two kernels differ", config_command},
      {"cache", "list, prune and verify what is kept between builds", cache_command},
      {"import", "take patches out of mails and try them on a kernel's source", import_command},
      {"list", "list kernels, scenarios and stored runs", list_command},
      {"runs", "show the size of the stored runs, and prune them", runs_command},
      {"study", "measure a scenario under many settings, and write down its rates", study_command},
      {"export", "the outcomes of stored runs, a line each", export_command},
      {"log", "read a console log: boots, OOM episodes, hangs, crashes", log_command},
      {"shell", "boot a kernel with a scenario's machine and stay at its console", shell_command},
      {"update", "let a kernel's source move to what is published today", update_command},
      {"doctor", "say what this host has and lacks, and what was chosen", doctor_command},
      {"help", "explain a topic or a command", help_command},
      {"completion", "print the completion script for bash, zsh or fish", completion_command},
      {"__complete", nullptr, complete_command},
      {"man", nullptr, man_command},
      {"worker", nullptr, worker_command},
  };
  return table;
}

CommandInfo describe(const Subcommand& command) {
  CommandInfo info;
  info.name = command.name;
  if (info.name == "help") {
    info.about = "Explains a topic or a command.";
    info.options.push_back({{"topic"}, "TOPIC", "a topic or a command", /*positional=*/true, false});
    return info;
  }
  const Options::Description describing(info);
  (void)command.run({});
  return info;
}

Result<std::string> need_source_tree() {
  TRY_ASSIGN(const auto tree, find_source_tree());
  if (!tree) {
    return user_error(
        "cannot find the folder that holds kernels/, reproducers/ and images/: go into Hangar's checkout, or "
        "set HANGAR_SOURCE");
  }
  return tree->string();
}

}  // namespace hangar::cli
