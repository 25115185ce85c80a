// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "harness/cli/commands.h"
#include "harness/cli/output.h"
#include "harness/live/worker.h"

namespace hangar::cli {

// `hangar worker DIR`: executes the bundle in a run directory. Not for users: `hangar run` starts it.
Result<int> worker_command(const Args& args) {
  if (args.size() != 1) return user_error("usage: hangar worker RUN-DIRECTORY");
  return live::execute_bundle(args[0], [](const run::Status& status) {
    print_out("{}\n", to_json(status));
    std::fflush(stdout);
  });
}

}  // namespace hangar::cli
