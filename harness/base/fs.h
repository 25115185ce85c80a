// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <utility>
#include <vector>

#include "harness/base/result.h"

// The file system without exceptions: the only place that calls std::filesystem (a test checks it). A call
// that can fail returns a Result whose error names the operation, the path and the system's reason. A
// predicate is false when the question cannot be answered: what cannot be reached does not exist for the
// caller.
namespace hangar::fs {

using std::filesystem::file_time_type;
using std::filesystem::path;
using std::filesystem::perms;

// These follow symbolic links.
[[nodiscard]] bool exists(const path& file);
[[nodiscard]] bool is_directory(const path& file);
[[nodiscard]] bool is_regular_file(const path& file);
// This does not follow them: a dangling link is a link.
[[nodiscard]] bool is_symlink(const path& file);
// Whether both exist and are the same file.
[[nodiscard]] bool equivalent(const path& a, const path& b);

[[nodiscard]] Result<std::uint64_t> file_size(const path& file);
[[nodiscard]] Result<file_time_type> last_write_time(const path& file);
[[nodiscard]] Result<void> set_last_write_time(const path& file, file_time_type time);
[[nodiscard]] Result<void> set_permissions(const path& file, perms mode);

// Creates the missing parents too. A folder that exists is not an error.
[[nodiscard]] Result<void> create_directories(const path& folder);
// A missing file is not an error.
[[nodiscard]] Result<void> remove(const path& file);
[[nodiscard]] Result<void> remove_all(const path& folder);
// Replaces `to` if it is a file or an empty folder.
[[nodiscard]] Result<void> rename(const path& from, const path& to);

enum class IfExists { fail, overwrite };
[[nodiscard]] Result<void> copy_file(const path& from, const path& to, IfExists = IfExists::fail);
// Copies a folder and everything below it. Files that `to` already has stay as they are.
[[nodiscard]] Result<void> copy_missing(const path& from, const path& to);

[[nodiscard]] Result<path> read_symlink(const path& link);
[[nodiscard]] Result<void> create_symlink(const path& target, const path& link);
[[nodiscard]] Result<void> create_hard_link(const path& target, const path& link);

// Fails when the current folder was removed. An empty path is the current folder.
[[nodiscard]] Result<path> absolute(const path& given);
// As absolute(), without `.`, `..` and symbolic links. The end of the path need not exist.
[[nodiscard]] Result<path> weakly_canonical(const path& given);
[[nodiscard]] Result<path> current_path();
[[nodiscard]] Result<void> set_current_path(const path& folder);
// $TMPDIR, or /tmp.
[[nodiscard]] Result<path> temp_directory();

// What a folder holds. The predicates follow symbolic links, except is_symlink().
class Entry {
 public:
  explicit Entry(std::filesystem::directory_entry entry) : entry_(std::move(entry)) {}
  [[nodiscard]] const fs::path& path() const { return entry_.path(); }
  [[nodiscard]] bool is_directory() const;
  [[nodiscard]] bool is_regular_file() const;
  [[nodiscard]] bool is_symlink() const;

 private:
  std::filesystem::directory_entry entry_;
};

// The entries of a folder, sorted by name.
[[nodiscard]] Result<std::vector<Entry>> list(const path& folder);
// As list(), but a folder that does not exist has no entries.
[[nodiscard]] Result<std::vector<Entry>> list_if_exists(const path& folder);
// Whether the folder exists. An error if it is not a folder, or may not be listed and entered.
[[nodiscard]] Result<bool> is_usable_folder(const path& folder);
// As list(), but a folder that is missing or cannot be read has no entries: for searches, where "not found"
// is the answer either way.
[[nodiscard]] std::vector<Entry> list_or_empty(const path& folder);

enum class Walk { enter, skip };  // a folder: list its contents too, or not
// Visits everything below a folder, a folder before its contents, in the order of the disk: a kernel tree has
// 80000 files. Links to folders are not followed. Ends at the first folder that cannot be read.
[[nodiscard]] Result<void> walk(const path& folder, const std::function<Walk(const Entry&)>& visit);

}  // namespace hangar::fs
