// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/verify.h"

#include <algorithm>

#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/kernel/build/slot.h"
#include "harness/kernel/build/store.h"

namespace hangar::kernel {
namespace {

// Beside the tree, which is never written.
fs::path seal_path(const fs::path& tree) {
  return tree.string() + ".seal";
}

// Number of links and change time are left out: object trees link these files.
Result<std::string> seal_of(const fs::path& tree) {
  std::vector<std::string> lines;
  TRY(fs::walk(tree, [&](const fs::Entry& entry) {
    struct stat info = {};
    if (::lstat(entry.path().c_str(), &info) != 0 || S_ISDIR(info.st_mode)) return fs::Walk::enter;
    lines.push_back(fmt::format("{} {:o} {} {}.{:09}", entry.path().lexically_relative(tree).string(),
                                info.st_mode, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec));
    return fs::Walk::enter;
  }));
  std::sort(lines.begin(), lines.end());
  Digest digest;
  for (const auto& line : lines) digest.add("file", line);
  return digest.hex();
}

}  // namespace

std::string damage_of_kernel(const fs::path& folder) {
  const auto text = read_file(folder / "manifest.json");
  const auto key = text ? field<std::string>(parse_object(*text), "key") : std::nullopt;
  if (!key) return "its manifest is missing or cannot be read";
  const fs::path cache = folder.parent_path().parent_path();
  if (artifact_path(cache, *key) != folder) return "its manifest belongs to another kernel";
  return load_artifact(cache, *key, Check::contents).damage;
}

std::string damage_of_objects(const fs::path& folder) {
  for (const Slot& slot : list_slots(folder.parent_path()))
    if (slot.path == folder) return is_whole(slot) ? "" : "checksum mismatch in its objects";
  return "its record cannot be read";
}

std::string damage_of_source(const fs::path& folder) {
  const auto seal = read_file(seal_path(folder));
  if (!seal) return "";  // nothing was ever built from it
  const auto now = seal_of(folder);
  if (!now) return now.error().message;
  return *seal == *now ? "" : "files were changed, added or removed since it was unpacked";
}

Result<void> seal_source(const fs::path& tree) {
  if (fs::exists(seal_path(tree))) return {};
  TRY_ASSIGN(const std::string seal, seal_of(tree));
  return write_file(seal_path(tree), seal);
}

}  // namespace hangar::kernel
