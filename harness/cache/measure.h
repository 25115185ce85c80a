// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <ctime>
#include <set>

#include <sys/types.h>

#include "harness/base/fs.h"

namespace hangar::cache {

struct Measured {
  std::uint64_t bytes = 0;       // that the file system holds: a sparse file takes less than its length
  std::time_t changed_unix = 0;  // the last change of any of its files
};

/// Measures folders. Counts each inode once, in the first folder that links it: sources, their snapshots and
/// object trees share files.
class Ruler {
 public:
  /// A file or a folder with all that is in it. What cannot be read is not counted.
  [[nodiscard]] Measured measure(const fs::path& path);

 private:
  void add(const fs::path& path, Measured& sum);

  std::set<ino_t> seen_;
};

}  // namespace hangar::cache
