// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/result.h"
#include "harness/image/root.h"

namespace hangar::image {

// A disk with Debian's packages: by mmdebstrap, whose tar mke2fs then puts into ext4; neither needs root. The
// same versions give the same bytes. Kept in <cache>/roots/<key>, by the packages and the lock.
[[nodiscard]] Result<Root> prepare_debian(const RootRequest& request);

}  // namespace hangar::image
