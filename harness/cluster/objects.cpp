// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/objects.h"

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/cache/measure.h"
#include "harness/cache/prune.h"
#include "harness/image/copy.h"
#include "harness/store/run_directory.h"

namespace hangar::cluster {
namespace {

constexpr const char* file_name = "file";

fs::path shared_object(const fs::path& shared, const std::string& digest) {
  return shared / "objects" / digest;
}

// QEMU may run as another user.
constexpr auto readable =
    fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read;

Result<void> copy_readable(const fs::path& from, const fs::path& to) {
  TRY(image::copy_sparse(from, to));
  return fs::set_permissions(to, readable);
}

bool is_whole(const fs::path& file, const std::string& digest) {
  const auto found = sha256_file(file);
  return found && *found == digest;
}

// Under the lock of the object. The folder appears when it is complete.
Result<void> fetch(const fs::path& shared, const fs::path& folder, const std::string& digest) {
  const fs::path from = shared_object(shared, digest);
  TRY_ASSIGN(TempDir making, TempDir::make(folder.parent_path(), "new-"));
  const fs::path to = making.path() / file_name;
  TRY(copy_readable(from, to));
  if (!is_whole(to, digest))
    return infra_error(fmt::format("checksum mismatch: {} is damaged; remove it", from.string()));
  TRY(fs::set_permissions(making.path(),
                          readable | fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec));
  return making.commit(folder);
}

}  // namespace

Result<std::string> put_object(const fs::path& shared, const fs::path& file) {
  TRY_ASSIGN(const std::string digest, sha256_file(file));
  const fs::path to = shared_object(shared, digest);
  TRY_ASSIGN(const std::uint64_t bytes, fs::file_size(file));
  const auto there = fs::exists(to) ? fs::file_size(to) : Result<std::uint64_t>(0);
  if (there && fs::exists(to) && *there == bytes) return digest;
  TRY(fs::create_directories(to.parent_path()));
  const fs::path making = to.parent_path() / fmt::format(".{}.{}", digest, store::new_id());
  auto made = copy_readable(file, making);
  if (made) made = fs::rename(making, to);
  if (!made) {
    (void)fs::remove(making);
    return std::move(made).error();
  }
  return digest;
}

Result<Object> get_object(const fs::path& shared, const fs::path& node, const std::string& digest) {
  const fs::path folder = node / "objects" / digest;
  TRY(fs::create_directories(folder.parent_path()));
  TRY_ASSIGN(const FileLock lock, FileLock::acquire(folder.string() + ".lock"));
  if (fs::exists(folder) && !is_whole(folder / file_name, digest)) TRY(fs::remove_all(folder));
  if (!fs::exists(folder)) TRY(fetch(shared, folder, digest));
  cache::touch(folder);
  auto held = FolderLock::share(folder);
  if (!held) return infra_error("cannot lock " + folder.string());
  return Object{folder / file_name, std::move(*held)};
}

Result<void> prune_objects(const fs::path& node, std::uint64_t bytes) {
  TRY_ASSIGN(const auto folders, cache::finished_below(node / "objects"));
  std::vector<cache::Entry> entries;
  cache::Ruler ruler;
  for (const fs::path& folder : folders) {
    entries.push_back(cache::entry_at("object", folder));
    entries.back().bytes = ruler.measure(folder).bytes;
  }
  cache::Limits limits;
  limits.bytes = bytes;
  const auto remove = [](const cache::Entry& entry) -> Result<bool> {
    TRY_ASSIGN(const auto lock, FileLock::try_acquire(entry.path.string() + ".lock"));
    if (!lock || !FolderLock::claim(entry.path)) return false;
    TRY(fs::remove_all(entry.path));
    return true;
  };
  TRY(cache::prune(std::move(entries), limits, remove));
  return {};
}

}  // namespace hangar::cluster
