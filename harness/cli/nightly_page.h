// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/cli/terminal.h"
#include "harness/nightly/nightly_file.h"
#include "harness/nightly/report.h"
#include "harness/report/contents.h"

namespace hangar::cli {

// Of a night: findings, what was not tested, targets, and each series with the nights before.
[[nodiscard]] report::Preface preface_of(const nightly::Report& report);

// night-N.html in the folder of reports: the preface and the night's guests. `tree` is Hangar's own.
[[nodiscard]] Result<void> write_night_html(const nightly::NightlyFile& file, const nightly::Report& report,
                                            const Home& home, const std::string& tree, Terminal& terminal);

}  // namespace hangar::cli
