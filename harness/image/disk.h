// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/image/compiler.h"

namespace hangar::image {

// Whether such a disk can be made; if not, the user's error.
[[nodiscard]] Result<void> check_disk(const std::string& file_system, std::uint64_t bytes);

// What a disk has unless asked otherwise: 128 MiB of ext4; of XFS 320 MiB, as mkfs.xfs makes none below 300.
[[nodiscard]] std::uint64_t usual_disk_bytes(const std::string& file_system);

// Writes a sparse disk image with one file system, no partitions, and `programs` in its folder bin. Needs no
// root. Equal input gives equal bytes with ext4: mke2fs copies owners and times of the host's files, so they
// are set inside afterwards. XFS gets the times of its making, which nothing in a guest reads.
[[nodiscard]] Result<void> write_disk(const fs::path& file, const std::string& file_system,
                                      std::uint64_t bytes, const std::vector<Program>& programs);

}  // namespace hangar::image
