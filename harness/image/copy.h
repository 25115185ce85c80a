// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/fs.h"
#include "harness/base/result.h"

namespace hangar::image {

// Makes `to` (which must not exist) a private copy of `from` with its holes kept: a reflink where the file
// system has them, else only the ranges that hold data are copied, in the kernel. No other user can read it
// (mode 0600). Nothing is left on failure.
[[nodiscard]] Result<void> copy_sparse(const fs::path& from, const fs::path& to);

}  // namespace hangar::image
