// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cache/measure.h"

#include <algorithm>

#include <sys/stat.h>

namespace hangar::cache {

Measured Ruler::measure(const fs::path& path) {
  Measured sum;
  add(path, sum);
  (void)fs::walk(path, [&](const fs::Entry& entry) {
    add(entry.path(), sum);
    return entry.is_symlink() ? fs::Walk::skip : fs::Walk::enter;
  });
  return sum;
}

void Ruler::add(const fs::path& path, Measured& sum) {
  struct stat info = {};
  if (::lstat(path.c_str(), &info) != 0) return;
  sum.changed_unix = std::max(sum.changed_unix, info.st_mtim.tv_sec);
  if (!S_ISDIR(info.st_mode) && info.st_nlink > 1 && !seen_.insert(info.st_ino).second) return;
  sum.bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
}

}  // namespace hangar::cache
