// SPDX-License-Identifier: GPL-2.0-only
#include <charconv>

#include "harness/cli/commands.h"
#include "harness/cluster/node.h"

namespace hangar::cli {

// `hangar task FOLDER N`: executes task N of an experiment on a node. Not for users: jobs start it.
Result<int> task_command(const Args& args) {
  int task = 0;
  const bool good = args.size() == 2 &&
                    std::from_chars(args[1].data(), args[1].data() + args[1].size(), task).ec == std::errc();
  if (!good) return user_error("usage: hangar task EXPERIMENT-FOLDER TASK");
  return cluster::run_task(args[0], task, cluster::place_from_environment(), HANGAR_VERSION);
}

}  // namespace hangar::cli
