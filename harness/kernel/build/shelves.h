// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/cache/shelves.h"

namespace hangar::kernel {

/// Registers what kernels leave in the cache: `source` (sources/*: pristine trees and snapshots of working
/// trees), `objects` (objects/*/*: where variants start from), `kernel` (kernels/*: artifacts), `selftests`
/// (selftests/*) and `ccache`, which has a separate limit.
void add_shelves(cache::Shelves& shelves);

}  // namespace hangar::kernel
