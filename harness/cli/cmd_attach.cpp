// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/commands.h"
#include "harness/cli/experiment_option.h"
#include "harness/cli/options.h"
#include "harness/cli/progress.h"
#include "harness/cluster/executor.h"

namespace hangar::cli {

Result<int> attach_command(const Args& args) {
  Options options("attach",
                  "Follows an experiment that runs under Slurm: collects the runs that are complete, submits "
                  "tasks again that failed, and prints the table at the end. Ctrl-C detaches.",
                  "  hangar attach\n  hangar attach 20261123-02");
  std::string experiment;
  declare_experiment(options, experiment);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  run::Request how;
  TRY_ASSIGN(how.home, options.common().home());
  Terminal terminal(options.common().quiet, options.common().no_color);
  Progress progress(terminal, options.common().json);
  cluster::SlurmExecutor executor({}, HANGAR_VERSION);
  return show_report(terminal, options.common().json, executor.attach(experiment, how, progress), "");
}

}  // namespace hangar::cli
