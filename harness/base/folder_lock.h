// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <optional>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/lock_wait.h"
#include "harness/base/result.h"

namespace hangar {

// A lock between processes on a folder itself (flock), held while the object lives: who uses a folder of the
// cache shares it, who would remove it claims it.
class FolderLock {
 public:
  // Nothing when the folder is not there (any more), is being removed, or is claimed for longer than
  // `deadline`.
  [[nodiscard]] static std::optional<FolderLock> share(
      const fs::path& folder, std::chrono::milliseconds deadline = std::chrono::seconds(10));
  // Nothing when anybody shares it, or it is not there.
  [[nodiscard]] static std::optional<FolderLock> claim(const fs::path& folder);
  // As claim(), but waits until no other process has it: for a read-modify-write of a file in the folder,
  // without a lock file that would be left there. An error after `deadline`, on cancellation, or without the
  // folder.
  [[nodiscard]] static Result<FolderLock> claim_waiting(
      const fs::path& folder, std::chrono::milliseconds deadline = std::chrono::seconds(60));

 private:
  explicit FolderLock(Fd fd) : fd_(std::move(fd)) {}
  static Result<FolderLock> hold(const fs::path& folder, LockKind kind, std::chrono::milliseconds deadline);
  Fd fd_;
};

}  // namespace hangar
