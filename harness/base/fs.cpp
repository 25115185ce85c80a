// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/fs.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

// Every call is qualified: an unqualified one with a path would find the throwing function of std::filesystem
// too.
namespace hangar::fs {
namespace {

namespace std_fs = std::filesystem;

Error failure(const std::string& doing, const std::error_code& code) {
  const std::string message = fmt::format("cannot {}: {}", doing, code.message());
  // Hangar itself chooses no such names, and takes no file for a folder.
  const bool users = code == std::errc::filename_too_long || code == std::errc::not_a_directory;
  return users ? user_error(message) : infra_error(message);
}

Result<void> done(const std::error_code& code, const char* doing, const path& file) {
  if (code) return failure(fmt::format("{} {}", doing, file.string()), code);
  return {};
}

Result<void> done(const std::error_code& code, const char* doing, const path& from, const path& to) {
  if (code) return failure(fmt::format("{} {} to {}", doing, from.string(), to.string()), code);
  return {};
}

template <typename T>
Result<T> value(T got, const std::error_code& code, const char* doing, const path& file) {
  if (code) return failure(fmt::format("{} {}", doing, file.string()), code);
  return got;
}

}  // namespace

bool exists(const path& file) {
  std::error_code ignored;
  return std_fs::exists(file, ignored);
}

bool is_directory(const path& file) {
  std::error_code ignored;
  return std_fs::is_directory(file, ignored);
}

bool is_regular_file(const path& file) {
  std::error_code ignored;
  return std_fs::is_regular_file(file, ignored);
}

bool is_symlink(const path& file) {
  std::error_code ignored;
  return std_fs::is_symlink(file, ignored);
}

bool equivalent(const path& a, const path& b) {
  std::error_code ignored;
  return std_fs::equivalent(a, b, ignored);
}

Result<std::uint64_t> file_size(const path& file) {
  std::error_code code;
  const std::uint64_t size = std_fs::file_size(file, code);
  return value(size, code, "read the size of", file);
}

Result<file_time_type> last_write_time(const path& file) {
  std::error_code code;
  const auto time = std_fs::last_write_time(file, code);
  return value(time, code, "read the modification time of", file);
}

Result<void> set_last_write_time(const path& file, file_time_type time) {
  std::error_code code;
  std_fs::last_write_time(file, time, code);
  return done(code, "set the modification time of", file);
}

Result<void> set_permissions(const path& file, perms mode) {
  std::error_code code;
  std_fs::permissions(file, mode, code);
  return done(code, "set the permissions of", file);
}

Result<void> create_directories(const path& folder) {
  std::error_code code;
  std_fs::create_directories(folder, code);
  return done(code, "make the folder", folder);
}

Result<void> remove(const path& file) {
  std::error_code code;
  std_fs::remove(file, code);
  return done(code, "remove", file);
}

Result<void> remove_all(const path& folder) {
  std::error_code code;
  std_fs::remove_all(folder, code);
  return done(code, "remove", folder);
}

Result<void> rename(const path& from, const path& to) {
  std::error_code code;
  std_fs::rename(from, to, code);
  return done(code, "rename", from, to);
}

Result<void> copy_file(const path& from, const path& to, IfExists if_exists) {
  const bool overwrite = if_exists == IfExists::overwrite;
  std::error_code code;
  std_fs::copy_file(from, to,
                    overwrite ? std_fs::copy_options::overwrite_existing : std_fs::copy_options::none, code);
  return done(code, "copy", from, to);
}

Result<void> copy_missing(const path& from, const path& to) {
  std::error_code code;
  std_fs::copy(from, to, std_fs::copy_options::skip_existing | std_fs::copy_options::recursive, code);
  return done(code, "copy", from, to);
}

Result<path> read_symlink(const path& link) {
  std::error_code code;
  auto target = std_fs::read_symlink(link, code);
  return value(std::move(target), code, "read the link", link);
}

Result<void> create_symlink(const path& target, const path& link) {
  std::error_code code;
  std_fs::create_symlink(target, link, code);
  return done(code, "make the link", link);
}

Result<void> create_hard_link(const path& target, const path& link) {
  std::error_code code;
  std_fs::create_hard_link(target, link, code);
  return done(code, "make the hard link", link);
}

Result<path> absolute(const path& given) {
  if (given.empty()) return current_path();
  std::error_code code;
  auto whole = std_fs::absolute(given, code);
  return value(std::move(whole), code, "find the absolute path of", given);
}

Result<path> weakly_canonical(const path& given) {
  std::error_code code;
  auto whole = std_fs::weakly_canonical(given, code);
  return value(std::move(whole), code, "resolve", given);
}

Result<path> current_path() {
  std::error_code code;
  auto folder = std_fs::current_path(code);
  if (code) return failure("find the current folder", code);
  return folder;
}

Result<void> set_current_path(const path& folder) {
  std::error_code code;
  std_fs::current_path(folder, code);
  return done(code, "change to the folder", folder);
}

Result<path> temp_directory() {
  std::error_code code;
  auto folder = std_fs::temp_directory_path(code);
  if (code) return failure("find a folder for temporary files (set TMPDIR)", code);
  return folder;
}

bool Entry::is_directory() const {
  std::error_code ignored;
  return entry_.is_directory(ignored);
}

bool Entry::is_regular_file() const {
  std::error_code ignored;
  return entry_.is_regular_file(ignored);
}

bool Entry::is_symlink() const {
  std::error_code ignored;
  return entry_.is_symlink(ignored);
}

// The iterators' ++ throws whatever they were made with; increment() does not.
Result<std::vector<Entry>> list(const path& folder) {
  std::error_code code;
  std::vector<Entry> entries;
  for (std_fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
    entries.emplace_back(*at);
  if (code) return failure("list the folder " + folder.string(), code);
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.path().native() < b.path().native(); });
  return entries;
}

// status() of the folder itself would not need the permission to enter it.
Result<bool> is_usable_folder(const path& folder) {
  std::error_code code;
  (void)std_fs::status(folder / ".", code);
  if (code == std::errc::no_such_file_or_directory) return false;
  if (!code) (void)std_fs::directory_iterator(folder, code);
  if (code) return failure("list the folder " + folder.string(), code);
  return true;
}

Result<std::vector<Entry>> list_if_exists(const path& folder) {
  TRY_ASSIGN(const bool exists, is_usable_folder(folder));
  return exists ? list(folder) : std::vector<Entry>();
}

std::vector<Entry> list_or_empty(const path& folder) {
  return list(folder).value_or({});
}

Result<void> walk(const path& folder, const std::function<Walk(const Entry&)>& visit) {
  std::error_code code;
  for (std_fs::recursive_directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    if (visit(Entry(*at)) == Walk::skip) at.disable_recursion_pending();
  }
  if (code) return failure("list the folder " + folder.string(), code);
  return {};
}

}  // namespace hangar::fs
