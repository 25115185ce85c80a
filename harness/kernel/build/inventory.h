// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// What lies in the cache: entries, what each takes, when it was last used. A finished entry is one folder
// that is never written again, so its folder's time is free to say when it was last used, and a lock on the
// folder (FolderLock::share) that it is in use.
namespace hangar::kernel {

struct Entry {
  enum class Kind {
    source,   // sources/*: pristine trees and snapshots of working trees
    objects,  // objects/*/*: where variants start from
    kernel,   // kernels/*: artifacts
    image,    // images/*: initramfs and disk
    ccache,   // ccache/: keeps to a limit of its own
    other,    // compiled guest programs, saved guests, logs: small, never pruned
  };
  Kind kind = Kind::other;
  fs::path path;
  std::string what;         // for people: "6.1.192, base ext4, 1 patch"
  std::uint64_t bytes = 0;  // of the disk, without what it shares with a source that stands before it
  std::chrono::system_clock::time_point last_used = {};
  bool in_use = false;      // by a process that runs now
  std::string source = {};  // kernel, objects: the digest of the source that they were built from
  bool prunable = true;     // a source is not while anything built from it is left
};

[[nodiscard]] std::string_view word(Entry::Kind kind);

// Sources first, oldest first within a kind. A folder that cannot be listed is an error.
[[nodiscard]] Result<std::vector<Entry>> take_inventory(const fs::path& cache);
[[nodiscard]] std::uint64_t total_bytes(const std::vector<Entry>& entries);

// 734003200 -> "700 MiB", 2.5 GiB -> "2.5 GiB".
[[nodiscard]] std::string format_size(std::uint64_t bytes);
// Says that the entry was used just now.
void touch_entry(const fs::path& folder);

}  // namespace hangar::kernel
