// SPDX-License-Identifier: GPL-2.0-only
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "harness/sandbox/descendants.h"
#include "harness/sandbox/guard.h"

// An owned folder is itself locked (flock), and has a mark with its owner's name, so that nothing else is
// ever removed. Both are made under the parent's lock, so no half-made folder is taken for a leftover.
namespace hangar::sandbox {
namespace {

constexpr auto mark = ".hangar-run";
constexpr auto parent_lock = ".lock";
constexpr std::chrono::milliseconds kill_deadline{5000};

// The folder's lock, or nothing when its owner lives.
Fd lock_folder(const fs::path& folder) {
  Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd && flock(fd.get(), LOCK_EX | LOCK_NB) != 0) fd.reset();
  return fd;
}

std::vector<fs::path> marked_folders(const fs::path& parent) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::list_or_empty(parent)) {
    if (fs::exists(entry.path() / mark)) found.push_back(entry.path());
  }
  return found;
}

// Once its lock is ours.
Result<void> remove_leftover(const fs::path& folder) {
  if (!kill_and_wait(qemu_processes_with(folder.string() + "/"), kill_deadline)) {
    return infra_error("cannot kill a QEMU of an ended run; it uses " + folder.string());
  }
  if (auto gone = fs::remove_all(folder); !gone) return std::move(gone).error().within("a leftover run");
  return {};
}

bool is_of(const std::string& owner, const fs::path& folder) {
  const auto name = read_file(folder / mark);
  return name && *name == owner;
}

// A killed process keeps its locks until the last of its threads is gone.
Fd lock_folder_within(const fs::path& folder, std::chrono::milliseconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  for (;;) {
    Fd lock = lock_folder(folder);
    if (lock || std::chrono::steady_clock::now() >= until) return lock;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // there is nothing to wait on
  }
}

}  // namespace

Result<OwnedFolder> OwnedFolder::make(const fs::path& parent, const std::string& prefix,
                                      const std::string& owner) {
  TRY(fs::create_directories(parent));
  TRY_ASSIGN(const FileLock parents, FileLock::acquire(parent / parent_lock));
  TRY_ASSIGN(auto folder, TempDir::make(parent, prefix));
  if (chmod(folder.path().c_str(), 0711) != 0) return errno_error("opening up " + folder.path().string());
  Fd lock = lock_folder(folder.path());
  if (!lock) return errno_error("locking " + folder.path().string());
  TRY(write_file(folder.path() / mark, owner));
  return OwnedFolder(std::move(folder), std::move(lock));
}

Result<std::vector<fs::path>> remove_leftovers(const fs::path& parent) {
  std::vector<fs::path> removed;
  if (!fs::exists(parent)) return removed;
  TRY_ASSIGN(const FileLock parents, FileLock::acquire(parent / parent_lock));
  for (const auto& folder : marked_folders(parent)) {
    const Fd lock = lock_folder(folder);
    if (!lock) continue;
    TRY(remove_leftover(folder));
    removed.push_back(folder);
  }
  return removed;
}

Result<void> remove_leftovers_of(const std::string& owner, const fs::path& parent,
                                 std::chrono::milliseconds deadline) {
  for (const auto& folder : marked_folders(parent)) {
    if (!is_of(owner, folder)) continue;
    const Fd lock = lock_folder_within(folder, deadline);
    if (!lock && fs::exists(folder))
      return infra_error("a process of a run that was ended still uses " + folder.string());
    TRY(remove_leftover(folder));
  }
  return {};
}

}  // namespace hangar::sandbox
