// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/folder_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace hangar {

using std::chrono::milliseconds;

Result<FolderLock> FolderLock::hold(const fs::path& folder, LockKind kind, milliseconds deadline) {
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return errno_error("cannot lock the folder " + folder.string());
  TRY(wait_for_lock(fd.get(), kind, folder, deadline));
  // Between open() and the lock it may have been removed, and made again.
  struct stat locked = {};
  struct stat present = {};
  if (::fstat(fd.get(), &locked) != 0 || ::stat(folder.c_str(), &present) != 0)
    return errno_error("cannot lock the folder " + folder.string());
  if (locked.st_ino != present.st_ino || locked.st_dev != present.st_dev)
    return infra_error("cannot lock the folder " + folder.string() + ": it was replaced meanwhile");
  return FolderLock(std::move(fd));
}

// A process that claims a cache entry only checks whether it is used, or renames it away: no long wait.
std::optional<FolderLock> FolderLock::share(const fs::path& folder, milliseconds deadline) {
  auto lock = hold(folder, LockKind::shared, deadline);
  return lock ? std::optional(std::move(*lock)) : std::nullopt;
}

std::optional<FolderLock> FolderLock::claim(const fs::path& folder) {
  auto lock = hold(folder, LockKind::exclusive, milliseconds(0));
  return lock ? std::optional(std::move(*lock)) : std::nullopt;
}

Result<FolderLock> FolderLock::claim_waiting(const fs::path& folder, milliseconds deadline) {
  return hold(folder, LockKind::exclusive, deadline);
}

}  // namespace hangar
