// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <optional>

#include "harness/base/fd.h"

namespace hangar {

// A lock between processes on a folder itself (flock), held while the object lives: who uses a folder of the
// cache shares it, who would remove it claims it.
class FolderLock {
 public:
  // Nothing when the folder is not there (any more), or is being removed.
  [[nodiscard]] static std::optional<FolderLock> share(const std::filesystem::path& folder);
  // Nothing when anybody shares it, or it is not there.
  [[nodiscard]] static std::optional<FolderLock> claim(const std::filesystem::path& folder);

 private:
  explicit FolderLock(Fd fd) : fd_(std::move(fd)) {}
  static std::optional<FolderLock> hold(const std::filesystem::path& folder, int how);
  Fd fd_;
};

}  // namespace hangar
