// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/cache/shelves.h"

namespace hangar::image {

/// Registers `image` (images/*: initramfs and disk) and `root` (roots/*).
void add_shelf(cache::Shelves& shelves);

}  // namespace hangar::image
