// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/progress.h"
#include "harness/experiment/execute.h"

namespace hangar::cli {

Result<int> resume_command(const Args& args) {
  Options options("resume",
                  "Goes on with a `hangar run` that was interrupted or killed: its finished runs are kept, "
                  "half-done ones are done again, and the table covers both.",
                  "  hangar resume\n  hangar resume 20261123-02");
  std::string experiment;
  std::optional<int> jobs;
  options.value("experiment", experiment, "an id or its beginning, or `last` (the default)", "EXPERIMENT");
  options.value("-j,--jobs", jobs, "runs at once (as before)");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (jobs && (*jobs < 1 || *jobs > 64)) return user_error("--jobs takes 1 to 64");
  run::Request how;
  TRY_ASSIGN(how.home, options.common().home());
  how.jobs = jobs.value_or(0);
  Terminal terminal(options.common().quiet, options.common().no_color);
  Progress progress(terminal, options.common().json);
  return show_report(terminal, options.common().json,
                     experiment::resume(experiment.empty() ? "last" : experiment, how, progress));
}

}  // namespace hangar::cli
