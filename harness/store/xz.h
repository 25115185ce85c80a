// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// By liblzma itself: libarchive's writer has no option for the dictionary, which sets the memory that is
// needed (94 MiB by default).
namespace hangar::store {

// Compresses `from` into the new file `to` and puts that onto the disk. Memory stays under some 20 MiB: a
// small dictionary for what is small, the fast preset for what is large.
[[nodiscard]] Result<void> compress_xz(const fs::path& from, const fs::path& to);
// The first `limit` bytes of what `file` decompresses to. A truncated or damaged file is an error.
[[nodiscard]] Result<std::string> read_xz(const fs::path& file, std::uint64_t limit);

}  // namespace hangar::store
