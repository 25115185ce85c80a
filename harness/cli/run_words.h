// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/run/request.h"

namespace hangar::cli {

// The command that makes these runs again, for a shell: "hangar run oom-kill --kernel v6.1 --repeat 3".
// Options that change how, but not what is run, are left out: --jobs, --connect.
[[nodiscard]] std::string command_of(const run::Request& request);

}  // namespace hangar::cli
