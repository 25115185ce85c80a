// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/build/inventory.h"

// Keeps the cache to a size: the least recently used entries go first, and none that a running process uses.
namespace hangar::kernel {

// Bytes. What `set_cache_limit` noted; else 40 GiB, or half of the disk space that the cache has or could
// have, if that is less.
[[nodiscard]] std::uint64_t cache_limit(const fs::path& cache, std::uint64_t used);
[[nodiscard]] Result<void> set_cache_limit(const fs::path& cache, std::uint64_t bytes);

struct Pruned {
  std::vector<Entry> removed;
  std::uint64_t before = 0;
  std::uint64_t after = 0;  // may be above the limit: the rest is in use, or not to be pruned
};
// Down to `limit` bytes. Also removes what an earlier, interrupted pruning has left.
[[nodiscard]] Result<Pruned> prune_cache(const fs::path& cache, std::uint64_t limit);

// After a build, at most every ten minutes: prunes when the cache is above its limit, and says so through
// `on_note`. Never an error: a build that succeeded stays one.
void keep_to_limit(const fs::path& cache, const std::function<void(const std::string&)>& on_note);

// Takes one entry away, in one step for everybody else; false when it is in use or not there.
[[nodiscard]] bool remove_entry(const fs::path& cache, const Entry& entry);

}  // namespace hangar::kernel
