// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/cache/shelves.h"

namespace hangar::experiment {

/// The cache (Home::cache) with the shelves of all modules.
[[nodiscard]] cache::Shelves shelves_of(const fs::path& cache);

}  // namespace hangar::experiment
