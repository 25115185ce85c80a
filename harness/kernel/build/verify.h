// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// Whether what lies in the cache is what was put there.
namespace hangar::kernel {

// "" when the entry is whole, else what is wrong with it. Kernels and object trees are compared with the
// checksums of their contents; a source with its list of names, sizes and times, because reading its 80000
// files would take longer than fetching it again.
[[nodiscard]] std::string damage_of_kernel(const fs::path& folder);
[[nodiscard]] std::string damage_of_objects(const fs::path& folder);
[[nodiscard]] std::string damage_of_source(const fs::path& folder);

// Notes how a source looks that was just put into the cache, once.
[[nodiscard]] Result<void> seal_source(const fs::path& tree);

}  // namespace hangar::kernel
