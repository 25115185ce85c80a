// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/nightly/progress.h"

namespace hangar::nightly {

// What was not tested and why, and what was decided about each series.
void conclude(Progress& progress);

// Sends one text about the findings that no text had yet, each at most once (TextState).
[[nodiscard]] Result<void> send_text(Progress& progress);

// Writes night-N.txt and night-N.json into the folder of reports, and removes those of nights that are no
// longer kept.
[[nodiscard]] Result<void> write_reports(Progress& progress);

// Adds the night to the history and ends it.
[[nodiscard]] Result<void> end_night(Progress& progress);

}  // namespace hangar::nightly
