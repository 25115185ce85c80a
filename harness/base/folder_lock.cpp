// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/folder_lock.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace hangar {

std::optional<FolderLock> FolderLock::hold(const std::filesystem::path& folder, int how) {
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  int failed = 0;
  do failed = ::flock(fd.get(), how);
  while (failed != 0 && errno == EINTR);
  if (failed != 0) return std::nullopt;
  // Between the two calls it may have been removed, and made anew.
  struct stat locked = {};
  struct stat present = {};
  if (::fstat(fd.get(), &locked) != 0 || ::stat(folder.c_str(), &present) != 0) return std::nullopt;
  if (locked.st_ino != present.st_ino || locked.st_dev != present.st_dev) return std::nullopt;
  return FolderLock(std::move(fd));
}

std::optional<FolderLock> FolderLock::share(const std::filesystem::path& folder) {
  // Who has claimed it only looks whether it is used, or is about to rename it away: no long wait.
  return hold(folder, LOCK_SH);
}

std::optional<FolderLock> FolderLock::claim(const std::filesystem::path& folder) {
  return hold(folder, LOCK_EX | LOCK_NB);
}

}  // namespace hangar
