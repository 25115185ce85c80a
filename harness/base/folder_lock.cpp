// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/folder_lock.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "harness/base/cancel.h"
#include "harness/base/text.h"

namespace hangar {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds retry{20};

// flock() itself has no deadline and does not see a cancellation.
bool lock_within(int fd, int how, milliseconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  while (::flock(fd, how | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (std::chrono::steady_clock::now() >= until || Cancel::wait(retry)) return false;
  }
  return true;
}

}  // namespace

std::optional<FolderLock> FolderLock::hold(const std::filesystem::path& folder, int how,
                                           milliseconds deadline) {
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || !lock_within(fd.get(), how, deadline)) return std::nullopt;
  // Between the two calls it may have been removed, and made anew.
  struct stat locked = {};
  struct stat present = {};
  if (::fstat(fd.get(), &locked) != 0 || ::stat(folder.c_str(), &present) != 0) return std::nullopt;
  if (locked.st_ino != present.st_ino || locked.st_dev != present.st_dev) return std::nullopt;
  return FolderLock(std::move(fd));
}

// A process that claims a cache entry only checks whether it is used, or renames it away: no long wait.
std::optional<FolderLock> FolderLock::share(const std::filesystem::path& folder, milliseconds deadline) {
  return hold(folder, LOCK_SH, deadline);
}

std::optional<FolderLock> FolderLock::claim(const std::filesystem::path& folder) {
  return hold(folder, LOCK_EX, milliseconds(0));
}

Result<FolderLock> FolderLock::claim_waiting(const std::filesystem::path& folder, milliseconds deadline) {
  if (auto lock = hold(folder, LOCK_EX, deadline)) return std::move(*lock);
  if (Cancel::requested()) return interrupted_error();
  return infra_error(fmt::format("cannot lock the folder {} within {}: another process has it, or it is gone",
                                 folder.string(),
                                 format_seconds(static_cast<double>(deadline.count()) / 1e3)));
}

}  // namespace hangar
