// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/progress.h"
#include "harness/experiment/execute.h"

namespace hangar::cli {

Result<int> resume_command(const Args& args) {
  Options options(
      "resume",
      "Continues an experiment (a `hangar run`) that was interrupted or killed. Finished runs are "
      "kept, unfinished runs are repeated, and the table covers both.",
      "  hangar resume\n  hangar resume 20261123-02");
  std::string experiment;
  std::optional<int> jobs;
  options.value("experiment", experiment, "id of an experiment or its beginning, or `last` (default: last)",
                "EXPERIMENT");
  options.value("-j,--jobs", jobs, "number of guests at a time, 1 to 64 (default: as in the experiment)");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (jobs && (*jobs < 1 || *jobs > 64)) return user_error("--jobs: expected 1 to 64");
  run::Request how;
  TRY_ASSIGN(how.home, options.common().home());
  how.jobs = jobs.value_or(0);
  Terminal terminal(options.common().quiet, options.common().no_color);
  Progress progress(terminal, options.common().json);
  return show_report(terminal, options.common().json,
                     experiment::resume(experiment.empty() ? "last" : experiment, how, progress));
}

}  // namespace hangar::cli
