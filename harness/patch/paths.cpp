// SPDX-License-Identifier: GPL-2.0-only
#include "harness/patch/paths.h"

#include "harness/base/text.h"

namespace hangar::patch {

std::string path_complaint(std::string_view path) {
  if (path.starts_with('/')) return "is absolute";
  for (const std::string_view part : split(path, '/')) {
    if (part == "..") return "leaves the source tree";
    if (part == ".git") return "points into a repository";
  }
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "holds control bytes";
  }
  return {};
}

bool behind_link(const fs::path& tree, std::string_view path) {
  fs::path at = tree;
  for (const std::string_view part : split(path, '/')) {
    at /= part;
    if (fs::is_symlink(at)) return true;
  }
  return false;
}

std::string file_complaint(const FileChange& change, bool has_old, bool has_new) {
  if (change.old_path.empty()) return has_new ? "the patch makes this file, but it is there already" : "";
  if (!has_old) return "there is no such file in this version";
  if (has_new && !change.new_path.empty() && change.new_path != change.old_path)
    return "the patch renames a file to this, but it is there already";
  return {};
}

}  // namespace hangar::patch
