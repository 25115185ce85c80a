// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "harness/cli/commands.h"
#include "harness/cli/experiment_option.h"
#include "harness/cli/options.h"
#include "harness/cli/progress.h"
#include "harness/cluster/executor.h"
#include "harness/experiment/execute.h"
#include "harness/experiment/experiment_file.h"

namespace hangar::cli {

Result<int> resume_command(const Args& args) {
  Options options(
      "resume",
      "Continues an experiment (a `hangar run`) that was interrupted or killed. Finished runs are "
      "kept, unfinished runs are repeated, and the table covers both.",
      "  hangar resume\n  hangar resume 20261123-02");
  std::string experiment;
  std::optional<int> jobs;
  declare_experiment(options, experiment);
  options.value("-j,--jobs", jobs, "number of guests at a time, 1 to 64 (default: as in the experiment)");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (jobs && (*jobs < 1 || *jobs > 64)) return user_error("--jobs: expected 1 to 64");
  run::Request how;
  TRY_ASSIGN(how.home, options.common().home());
  how.jobs = jobs.value_or(0);
  TRY_ASSIGN(const auto file, experiment::find_experiment(how.home.state, experiment));
  if (cluster::is_open(how.home.state, file.id)) {
    return user_error(
        fmt::format("the experiment {0} runs under Slurm: follow it with `hangar attach {0}`, or end it with "
                    "`hangar cancel {0}`",
                    file.id));
  }
  Terminal terminal(options.common().quiet, options.common().no_color);
  Progress progress(terminal, options.common().json);
  return show_report(terminal, options.common().json, experiment::resume(experiment, how, progress));
}

}  // namespace hangar::cli
