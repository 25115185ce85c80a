// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/lock_wait.h"
#include "harness/base/result.h"

// Files and folders: whole-file reads, writes that land atomically, locks between processes, temporary
// folders.
namespace hangar {

// Limits of read_file(), in bytes. A file that a user names may be a device without end, such as /dev/zero.
inline constexpr std::uint64_t max_yaml_bytes = 8ull << 20;
inline constexpr std::uint64_t max_file_bytes = 256ull << 20;  // mail archives, rows, logs of an agent
inline constexpr std::uint64_t max_binary_bytes = 4ull << 30;  // a vmlinux with debug information has 1 GiB

// The whole file. One with more than `max_bytes` is a user error, and no more than that is ever read.
[[nodiscard]] Result<std::string> read_file(const fs::path& path, std::uint64_t max_bytes = max_file_bytes);
// Written beside and renamed into place: a reader sees the old text or the new, never a part.
[[nodiscard]] Result<void> write_file(const fs::path& path, std::string_view text);
// As write_file(), and on the disk when it returns: a file whose presence means something survives a crash of
// the host whole, or is not there.
[[nodiscard]] Result<void> write_file_durably(const fs::path& path, std::string_view text);
// A rename is on the disk once its folder is.
[[nodiscard]] Result<void> sync_folder(const fs::path& folder);
// Writes all of `bytes`, over short writes and EINTR.
[[nodiscard]] Result<void> write_all(int fd, std::string_view bytes);
// Free bytes for an unprivileged writer on the file system that holds `path` (or its nearest existing
// parent).
[[nodiscard]] Result<std::uint64_t> free_bytes(const fs::path& path);

// A folder that is removed with its contents when its owner goes, unless kept.
class TempDir {
 public:
  // A new folder `parent/prefixXXXXXX`.
  [[nodiscard]] static Result<TempDir> make(const fs::path& parent, const std::string& prefix);
  TempDir(TempDir&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TempDir& operator=(TempDir&& other) noexcept;
  ~TempDir();

  [[nodiscard]] const fs::path& path() const { return path_; }
  // Renames the folder to its final place: it is no longer temporary.
  [[nodiscard]] Result<void> commit(const fs::path& destination);

 private:
  explicit TempDir(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

// An exclusive lock between processes (flock on a file), held while the object lives.
class FileLock {
 public:
  // Waits for the lock, at most for `deadline`; `on_wait` is called once if another process has it. Ends
  // early when cancelled.
  [[nodiscard]] static Result<FileLock> acquire(const fs::path& path,
                                                const std::function<void()>& on_wait = {},
                                                std::chrono::milliseconds deadline = default_lock_deadline);
  // The lock, or nothing when another process has it.
  [[nodiscard]] static Result<std::optional<FileLock>> try_acquire(const fs::path& path);

 private:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace hangar
