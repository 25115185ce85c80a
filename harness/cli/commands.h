// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/options.h"

// The subcommands: a name, a line, a function. Each function lives in cmd_<name>.cpp with its options and its
// help.
namespace hangar::cli {

using Args = std::vector<std::string>;  // what follows the subcommand's name

struct Subcommand {
  const char* name;
  const char* summary;  // nullptr: not listed
  Result<int> (*run)(const Args& args);
};

[[nodiscard]] Result<int> complete_command(const Args& args);
[[nodiscard]] Result<int> completion_command(const Args& args);
[[nodiscard]] Result<int> man_command(const Args& args);
[[nodiscard]] Result<int> attach_command(const Args& args);
[[nodiscard]] Result<int> bisect_command(const Args& args);
[[nodiscard]] Result<int> shrink_command(const Args& args);
[[nodiscard]] Result<int> build_command(const Args& args);
[[nodiscard]] Result<int> cache_command(const Args& args);
[[nodiscard]] Result<int> cancel_command(const Args& args);
[[nodiscard]] Result<int> config_command(const Args& args);
[[nodiscard]] Result<int> db_command(const Args& args);
[[nodiscard]] Result<int> doctor_command(const Args& args);
[[nodiscard]] Result<int> compare_command(const Args& args);
[[nodiscard]] Result<int> validate_command(const Args& args);
[[nodiscard]] Result<int> export_command(const Args& args);
[[nodiscard]] Result<int> help_command(const Args& args);
[[nodiscard]] Result<int> import_command(const Args& args);
[[nodiscard]] Result<int> judge_command(const Args& args);
[[nodiscard]] Result<int> list_command(const Args& args);
[[nodiscard]] Result<int> show_command(const Args& args);
[[nodiscard]] Result<int> nightly_command(const Args& args);
[[nodiscard]] Result<int> report_command(const Args& args);
[[nodiscard]] Result<int> tested_by_command(const Args& args);
[[nodiscard]] Result<int> log_command(const Args& args);
[[nodiscard]] Result<int> resume_command(const Args& args);
[[nodiscard]] Result<int> run_command(const Args& args);
[[nodiscard]] Result<int> runs_command(const Args& args);
[[nodiscard]] Result<int> shell_command(const Args& args);
[[nodiscard]] Result<int> update_command(const Args& args);
[[nodiscard]] Result<int> study_command(const Args& args);
[[nodiscard]] Result<int> task_command(const Args& args);
[[nodiscard]] Result<int> worker_command(const Args& args);

[[nodiscard]] const std::vector<Subcommand>& subcommands();
// The options of a listed subcommand. Nothing of it is executed.
[[nodiscard]] CommandInfo describe(const Subcommand& command);

// The folder with kernels/, reproducers/ and images/, or an Error with the ways to name it.
[[nodiscard]] Result<std::string> need_source_tree();

}  // namespace hangar::cli
