// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/cache/shelves.h"

namespace hangar::checkpoint {

/// Registers `saved guest` (saved/*: what restored repeats start from).
void add_shelf(cache::Shelves& shelves);

}  // namespace hangar::checkpoint
