// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/report/contents.h"

namespace hangar::report {

// KTAP version 1 (Documentation/dev-tools/ktap.rst): scenarios, in them cells, in them runs. The last test of
// a cell is the cell's verdict, because readers count tests without subtests only. Text that is not ours is
// in diagnostics after a label, in ASCII.
[[nodiscard]] std::string to_ktap(const Contents& contents);

}  // namespace hangar::report
