// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/files.h"

#include <atomic>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace hangar {

namespace {

Error too_large(const fs::path& path, std::uint64_t max_bytes) {
  return user_error(fmt::format("cannot read {}: it is larger than {} MiB, the limit for this file",
                                path.string(), max_bytes >> 20));
}

}  // namespace

Result<std::string> read_file(const fs::path& path, std::uint64_t max_bytes) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    Error error = errno_error("cannot read " + path.string());
    const bool not_there = errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG || errno == ELOOP;
    error.fault = not_there ? Fault::user : Fault::infra;
    return error;
  }
  std::string text;
  struct stat info = {};
  if (::fstat(fd.get(), &info) == 0 && info.st_size > 0) {
    if (static_cast<std::uint64_t>(info.st_size) > max_bytes) return too_large(path, max_bytes);
    text.reserve(static_cast<size_t>(info.st_size));
  }
  char buffer[65536];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got > 0) text.append(buffer, static_cast<size_t>(got));
    if (got == 0) return text;
    if (got < 0 && errno != EINTR) return errno_error("cannot read " + path.string());
    if (text.size() > max_bytes) return too_large(path, max_bytes);
  }
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) return errno_error("cannot write");
    if (put > 0) bytes.remove_prefix(static_cast<size_t>(put));
  }
  return {};
}

namespace {

// Threads of one process may write the same file at once.
std::string name_beside(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  return fmt::format("{}.new{}-{}", path.string(), ::getpid(), ++count);
}

Result<void> write_new(const std::string& file, std::string_view text, bool durably) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return errno_error("cannot write " + file);
  auto written = write_all(fd.get(), text);
  if (!written) return std::move(written).error().within("writing " + file);
  if (durably && ::fsync(fd.get()) != 0) return errno_error("cannot write " + file);
  return {};
}

Result<void> replace_file(const fs::path& path, std::string_view text, bool durably) {
  const std::string beside = name_beside(path);
  auto written = write_new(beside, text, durably);
  if (written && ::rename(beside.c_str(), path.c_str()) == 0) return {};
  auto error = written ? errno_error("cannot write " + path.string()) : std::move(written).error();
  ::unlink(beside.c_str());
  return error;
}

}  // namespace

Result<void> write_file(const fs::path& path, std::string_view text) {
  return replace_file(path, text, /*durably=*/false);
}

Result<void> write_file_durably(const fs::path& path, std::string_view text) {
  TRY(replace_file(path, text, /*durably=*/true));
  return sync_folder(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

Result<void> sync_folder(const fs::path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return errno_error("cannot write the folder " + folder.string());
  return {};
}

Result<std::uint64_t> free_bytes(const fs::path& path) {
  fs::path existing = path;
  while (!existing.empty() && !fs::exists(existing) && existing != existing.parent_path())
    existing = existing.parent_path();
  struct statvfs info = {};
  if (::statvfs(existing.empty() ? "." : existing.c_str(), &info) != 0)
    return errno_error("cannot measure the free space of " + path.string());
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

Result<TempDir> TempDir::make(const fs::path& parent, const std::string& prefix) {
  TRY(fs::create_directories(parent));
  std::string name = (parent / (prefix + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr)
    return errno_error("cannot make a temporary folder in " + parent.string());
  return TempDir(name);
}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TempDir::~TempDir() {
  if (path_.empty()) return;
  (void)fs::remove_all(path_);
}

Result<void> TempDir::commit(const fs::path& destination) {
  if (::rename(path_.c_str(), destination.c_str()) != 0) {
    return errno_error(fmt::format("cannot move {} to {}", path_.string(), destination.string()));
  }
  path_.clear();
  return {};
}

namespace {

Result<Fd> open_lock(const fs::path& path) {
  TRY(fs::create_directories(path.parent_path()));
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return errno_error("cannot open the lock " + path.string());
  return fd;
}

}  // namespace

Result<std::optional<FileLock>> FileLock::try_acquire(const fs::path& path) {
  TRY_ASSIGN(Fd fd, open_lock(path));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return std::optional<FileLock>(FileLock(std::move(fd)));
  if (errno == EWOULDBLOCK) return std::optional<FileLock>();
  return errno_error("cannot lock " + path.string());
}

Result<FileLock> FileLock::acquire(const fs::path& path, const std::function<void()>& on_wait,
                                   std::chrono::milliseconds deadline) {
  TRY_ASSIGN(Fd fd, open_lock(path));
  TRY(wait_for_lock(fd.get(), LockKind::exclusive, path, deadline, on_wait));
  return FileLock(std::move(fd));
}

}  // namespace hangar
