// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/cli/options.h"

namespace hangar::cli {

// The experiment that a command continues: the last one, unless it is named.
void declare_experiment(Options& options, std::string& experiment);

}  // namespace hangar::cli
