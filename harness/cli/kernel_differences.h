// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/home.h"
#include "harness/report/contents.h"

namespace hangar::cli {

// How the kernels of later cells differ from that of the first one: source, patches and command line of their
// specs as they are now, and the configurations of those that are in the cache. `tree` is Hangar's own.
[[nodiscard]] std::vector<report::KernelDifference> kernel_differences(const std::vector<report::Cell>& cells,
                                                                       const std::string& tree,
                                                                       const Home& home);

}  // namespace hangar::cli
