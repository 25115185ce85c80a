// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

namespace hangar::image {

// Writes an initramfs (cpio, "newc"): `init` as /init, the device nodes and the mount points that it needs,
// and `modules` as /modules/<name>, with their order in /modules/order. Equal input gives equal bytes:
// owners, times and inode numbers are ours, not the host's.
[[nodiscard]] Result<void> write_initrd(const fs::path& file, const fs::path& init,
                                        const std::vector<fs::path>& modules = {});

}  // namespace hangar::image
