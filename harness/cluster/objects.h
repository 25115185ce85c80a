// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

#include "harness/base/folder_lock.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

// Files by their SHA-256: kernels, initramfs, disk images. In the shared folder each is there once, whatever
// experiment needs it; a node copies it to its own disk once.
namespace hangar::cluster {

// Puts a file into `shared`/objects unless it is there. Its digest.
[[nodiscard]] Result<std::string> put_object(const fs::path& shared, const fs::path& file);

// A node's copy. It is not removed while this lives.
struct Object {
  fs::path file;
  FolderLock lock;
};

// `node`/objects/DIGEST/file, copied from `shared` if it is missing, compared with its digest. A copy that is
// damaged is replaced. Several processes may ask for the same object.
[[nodiscard]] Result<Object> get_object(const fs::path& shared, const fs::path& node,
                                        const std::string& digest);

// Removes the copies that were not used for the longest time, down to `bytes`, and none that is in use.
[[nodiscard]] Result<void> prune_objects(const fs::path& node, std::uint64_t bytes);

}  // namespace hangar::cluster
