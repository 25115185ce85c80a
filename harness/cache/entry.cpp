// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cache/entry.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "harness/base/folder_lock.h"

namespace hangar::cache {
namespace {

using Clock = std::chrono::system_clock;

Clock::time_point time_of(const fs::path& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return Clock::time_point(std::chrono::seconds(info.st_mtim.tv_sec));
}

bool is_finished(const fs::Entry& entry) {
  const std::string name = entry.path().filename().string();
  return entry.is_directory() && name[0] != '.' && !name.starts_with("new-") && !name.starts_with("unpack-");
}

}  // namespace

std::uint64_t total_bytes(const std::vector<Entry>& entries) {
  std::uint64_t bytes = 0;
  for (const Entry& entry : entries) bytes += entry.bytes;
  return bytes;
}

Result<std::vector<fs::path>> finished_below(const fs::path& folder) {
  std::vector<fs::path> paths;
  TRY_ASSIGN(const auto entries, fs::list_if_exists(folder));
  for (const auto& entry : entries)
    if (is_finished(entry)) paths.push_back(entry.path());
  return paths;
}

Entry entry_at(const std::string& kind, const fs::path& path) {
  Entry entry;
  entry.kind = kind;
  entry.path = path;
  entry.last_used = time_of(path);
  entry.in_use = !FolderLock::claim(path).has_value();
  return entry;
}

void touch(const fs::path& folder) {
  // An entry of another user, on a read-only disk: its age is then not known, which is not a reason to fail.
  (void)::utimensat(AT_FDCWD, folder.c_str(), nullptr, 0);
}

}  // namespace hangar::cache
