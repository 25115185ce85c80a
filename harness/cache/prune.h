// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/cache/shelves.h"

// Keeps what hangar keeps to a size: the least recently used entries go first, and none that a running
// process uses.
namespace hangar::cache {

struct Limits {
  std::optional<std::uint64_t> bytes;                   // of all that is left
  std::optional<std::chrono::milliseconds> older_than;  // the last use of what goes, whatever the size
};

struct Pruned {
  std::vector<Entry> removed;
  std::uint64_t before = 0;
  std::uint64_t after = 0;  // may be above the limit: the rest is in use, or not to be pruned
};

/// Removes an entry; false: it is in use. An error ends the pruning.
using Remove = std::function<Result<bool>(const Entry&)>;

/// The policy of all pruning: `all` down to the limits. An entry that others need may go once they are gone.
[[nodiscard]] Result<Pruned> prune(std::vector<Entry> all, const Limits& limits, const Remove& remove);

/// The cache down to `limit` bytes. Also removes what an interrupted pruning has left.
[[nodiscard]] Result<Pruned> prune_cache(const Shelves& shelves, std::uint64_t limit);

/// Bytes. What set_limit() noted; else 40 GiB, or half of the disk space that the cache has or could have, if
/// that is less.
[[nodiscard]] std::uint64_t limit(const fs::path& root, std::uint64_t used);
[[nodiscard]] Result<void> set_limit(const fs::path& root, std::uint64_t bytes);

/// After a build, at most every ten minutes: prunes if the cache is above its limit, and reports it through
/// `on_note`. Never an error: a build that succeeded stays one.
void keep_to_limit(const Shelves& shelves, const std::function<void(const std::string&)>& on_note);

}  // namespace hangar::cache
