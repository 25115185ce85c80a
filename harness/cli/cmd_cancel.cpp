// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/cli/commands.h"
#include "harness/cli/experiment_option.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/progress.h"
#include "harness/cluster/executor.h"

namespace hangar::cli {

Result<int> cancel_command(const Args& args) {
  Options options("cancel",
                  "Ends the jobs of an experiment that runs under Slurm. Runs that are complete are kept.",
                  "  hangar cancel\n  hangar cancel 20261123-02");
  std::string experiment;
  declare_experiment(options, experiment);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  run::Request how;
  TRY_ASSIGN(how.home, options.common().home());
  Terminal terminal(options.common().quiet, options.common().no_color);
  Progress progress(terminal, options.common().json);
  cluster::SlurmExecutor executor({}, HANGAR_VERSION);
  TRY_ASSIGN(const auto report, executor.cancel(experiment, how, progress));
  std::size_t runs = 0;
  for (const run::CellReport& cell : report ? report->cells : std::vector<run::CellReport>())
    runs += cell.runs.size();
  terminal.live_done();
  if (options.common().json) {
    const nlohmann::ordered_json out = {
        {"schema", "hangar.cancel/1"},
        {"experiment", report ? nlohmann::ordered_json(report->experiment) : nlohmann::ordered_json()},
        {"runs", report ? nlohmann::ordered_json(runs) : nlohmann::ordered_json()}};
    print_out("{}\n", json_text(out, 1));
  } else if (report) {
    print_out("experiment {}: its jobs are cancelled; {} runs are stored\n", report->experiment, runs);
  } else {
    print_out("its jobs are cancelled; the hangar that follows it keeps the runs that are complete\n");
  }
  return 0;
}

}  // namespace hangar::cli
