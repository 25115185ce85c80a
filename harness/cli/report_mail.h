// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/report/contents.h"

namespace hangar::cli {

// `hangar report RUN --format mail`. The example is the run of `contents` with the worst verdict, a hung one
// before others. Beside it: the other cells of its scenario in `contents`, else stored runs of the same
// scenario on the kernel without its patches. A user error if no run has a folder.
[[nodiscard]] Result<std::string> report_mail(const report::Contents& contents, const std::string& tree,
                                              const Home& home);

}  // namespace hangar::cli
