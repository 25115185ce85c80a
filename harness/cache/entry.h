// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// What hangar keeps between its runs, seen as entries: what each is, its size, when it was last used.
namespace hangar::cache {

struct Entry {
  std::string kind;  // the name of its shelf: "kernel"
  fs::path path;
  std::string what;         // for messages: "6.1.192, base ext4, 1 patch"
  std::uint64_t bytes = 0;  // of the disk; a file that entries share counts for the first of them
  std::chrono::system_clock::time_point last_used = {};
  bool in_use = false;     // by a process that runs now
  std::string needs = {};  // the file name of an entry that stays while this one does; "": none
  bool prunable = true;
};

[[nodiscard]] std::uint64_t total_bytes(const std::vector<Entry>& entries);

/// The finished folders below `folder`; not those that a process is making or removing. A folder that is not
/// there has none.
[[nodiscard]] Result<std::vector<fs::path>> finished_below(const fs::path& folder);

/// An entry is a folder that is never written again once it is finished. Its time is that of its last use,
/// and a lock on it (FolderLock::share) that it is in use.
[[nodiscard]] Entry entry_at(const std::string& kind, const fs::path& path);

/// Notes that the entry was used just now.
void touch(const fs::path& folder);

}  // namespace hangar::cache
