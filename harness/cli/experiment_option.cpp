// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/experiment_option.h"

namespace hangar::cli {

void declare_experiment(Options& options, std::string& experiment) {
  experiment = "last";
  options.value("experiment", experiment, "id of an experiment or its beginning, or `last` (default: last)",
                "EXPERIMENT");
}

}  // namespace hangar::cli
