// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/report/contents.h"
#include "harness/report/formats.h"

namespace hangar::report {

// A submission of kcidb schema 5.3: a build for each kernel digest with a checkout, a test for each run
// (path hangar.SCENARIO) and one for each cell (hangar.SCENARIO.cell), whose number is the hang rate. kcidb
// has no word for a rate with an interval: it is in `misc`. Without nulls and without paths of this host. The
// ids depend on the runs alone, so that the same report may be sent twice.
[[nodiscard]] std::string to_kcidb(const Contents& contents, const ExportOptions& options);

}  // namespace hangar::report
