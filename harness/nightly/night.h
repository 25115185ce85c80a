// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/nightly/lab.h"
#include "harness/nightly/nightly_file.h"
#include "harness/nightly/report.h"
#include "harness/nightly/state.h"
#include "harness/nightly/store.h"

// One night: fetches, builds, screens, confirms, bisects and reports. Each step is stored when it is done.
namespace hangar::nightly {

// Continues the night that `state` has in progress, or begins the next one. An Error (an interruption, a
// state folder that cannot be written) leaves the night in progress: the next call continues it with what is
// left of its budget. `state` is what store has; on success `state.night` is the night that ended.
[[nodiscard]] Result<Report> run_night(const NightlyFile& file, Lab& lab, Store& store, State& state);

}  // namespace hangar::nightly
