// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/files.h"
#include "harness/base/result.h"
#include "harness/report/contents.h"

// Finished run directories for tests of reports: judged copies of tests/data/runs.
namespace hangar::report_runs {

// A judged copy of the stored run `name` as `folder`/state/runs/<id>. The same run again under another `id`.
[[nodiscard]] Result<fs::path> copy(const std::string& name, const fs::path& folder,
                                    const std::string& id = "");
// Judges a run directory again, by the scenario in it.
[[nodiscard]] Result<void> judge(const fs::path& directory);

// The hang of 2015 and what goes with it: one cell that hangs as the scenario expects, one that passes, one
// that fails with a planted bug, one run that the user interrupted.
[[nodiscard]] Result<report::Contents> contents(const fs::path& folder,
                                                const std::vector<std::string>& names = {
                                                    "oom-2015-hang", "healthy", "planted-bug", "stopped"});

}  // namespace hangar::report_runs
