// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/build/inventory.h"

// Whether what lies in the cache is what was put there.
namespace hangar::kernel {

// "" when the entry is whole, else what is wrong with it. Kernels and object trees are held against the
// digests of their contents; a source against its list of names, sizes and times (its 80000 files would take
// longer to read than to fetch anew); images, which this module does not know, are not looked at.
[[nodiscard]] std::string find_damage(const Entry& entry);

// Notes how a source looks that was just put into the cache, once.
[[nodiscard]] Result<void> seal_source(const fs::path& tree);

}  // namespace hangar::kernel
