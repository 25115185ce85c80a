// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/debian_root.h"

#include <array>
#include <memory>
#include <optional>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/cache/entry.h"
#include "harness/image/debian_lock.h"
#include "harness/image/ext4.h"

namespace hangar::image {
namespace {

using nlohmann::json;

// To be raised when the same packages give another disk.
constexpr const char* recipe = "1";
constexpr const char* manifest_name = "manifest.json";
constexpr const char* image_name = "root.img";
// Files that packages make while they are installed get this time, if theirs is later: 2023-11-14.
constexpr const char* source_date = "1700000000";
constexpr std::uint64_t free_in_image = 1ull << 30;
// The packages, the tar, its files and the image of some hundred MB each.
constexpr std::uint64_t least_free = 1ull << 30;
constexpr const char* pins_in_root = "/etc/apt/preferences.d/hangar";

std::string key_of(const RootRequest& request, const DebianLock& lock) {
  return Digest()
      .add("recipe", recipe)
      .add("suite", debian_suite)
      .add("packages", join(request.packages, " "))
      .add("lock", to_text(lock))
      .hex()
      .substr(0, 32);
}

// The lock, if there is one that fits what is asked for.
Result<std::optional<DebianLock>> load_lock(const RootRequest& request) {
  const std::string path = request.lock.string();
  if (!fs::exists(request.lock)) {
    if (request.locked) return user_error(fmt::format("--locked: there is no lock file {}", path));
    return std::optional<DebianLock>();
  }
  TRY_ASSIGN(const std::string text, read_file(request.lock));
  auto lock = parse_lock(text);
  if (!lock) return std::move(lock).error().within(path);
  if (lock->packages == request.packages) return std::optional(std::move(*lock));
  if (!request.locked) return std::optional<DebianLock>();
  return user_error(fmt::format("--locked: the lock file {} is for other packages: {}", path,
                                lock->packages.empty() ? "none" : join(lock->packages, " ")));
}

std::optional<Root> load(const fs::path& folder) {
  auto lock = FolderLock::share(folder);
  if (!lock) return std::nullopt;
  const auto text = read_file(folder / manifest_name);
  if (!text) return std::nullopt;
  const json manifest = parse_object(*text);
  Root root{ImageKind::debian, folder / image_name, "raw", "", {}, true, {}};
  std::uint64_t bytes = 0;
  JsonReader in(manifest);
  in.take("sha256", root.digest).take("bytes", bytes);
  const auto size = fs::file_size(root.file);
  if (in.fault() || !size || *size != bytes) return std::nullopt;
  root.in_use = std::make_shared<const FolderLock>(std::move(*lock));
  return root;
}

Result<void> check_room(const fs::path& folder, std::uint64_t needed) {
  TRY_ASSIGN(const std::uint64_t room, free_bytes(folder));
  if (room >= needed) return {};
  return infra_error(
      fmt::format("the image needs {} in {}, where {} are free: remove something (`hangar cache "
                  "prune`), or choose another folder with --home",
                  format_size(needed), folder.string(), format_size(room)));
}

// apt's words for what is wrong with the packages that were asked for.
Error install_failure(const RootRequest& request, const std::string& output) {
  constexpr std::string_view unknown = "Unable to locate package ";
  for (const std::string_view line : split(output, '\n')) {
    const std::size_t at = line.find(unknown);
    if (at == std::string_view::npos) continue;
    return user_error(fmt::format("image: Debian's {} has no package `{}`", debian_suite,
                                  sanitize_for_terminal(trim(line.substr(at + unknown.size())))));
  }
  if (output.find("No space left on device") != std::string::npos) {
    return infra_error("image: the disk is full: remove something, or choose another folder with --home",
                       output);
  }
  const bool offline = output.find("Failed to fetch") != std::string::npos ||
                       output.find("Could not resolve") != std::string::npos;
  if (offline) return unavailable_error("image: the mirror of Debian cannot be reached", output);
  return infra_error(
      fmt::format("image: mmdebstrap failed for the packages {}",
                  request.packages.empty() ? "of a minimal system" : join(request.packages, " ")),
      output);
}

Result<void> run_mmdebstrap(const RootRequest& request, const std::optional<DebianLock>& lock,
                            const fs::path& folder) {
  TRY(write_file(folder / "pins", lock ? preferences(lock->versions) : ""));
  TRY(write_file(folder / "debian.sources", request.sources));
  Command command;
  command.argv = {"mmdebstrap", "--variant=essential", "--format=tar", "--architectures=amd64"};
  if (!request.packages.empty()) command.argv.push_back("--include=" + join(request.packages, ","));
  command.argv.push_back(fmt::format("--setup-hook=upload {} {}", (folder / "pins").string(), pins_in_root));
  command.argv.push_back(fmt::format("--customize-hook=rm -f \"$1\"{}", pins_in_root));
  command.argv.insert(command.argv.end(),
                      {debian_suite, (folder / "root.tar").string(), (folder / "debian.sources").string()});
  command.environment = {
      {"SOURCE_DATE_EPOCH", source_date}, {"TMPDIR", folder.string()}, {"LC_ALL", "C.UTF-8"}};
  command.deadline = deadline_of::download;
  if (!find_program("mmdebstrap")) {
    return infra_error(
        "images of Debian's packages need mmdebstrap: install the packages mmdebstrap and fakeroot");
  }
  TRY_ASSIGN(const Finished finished, run_process(command));
  return finished.good() ? Result<void>() : install_failure(request, finished.output);
}

// What the tar has: the paths for set_inodes(), and dpkg's list.
struct Content {
  std::vector<std::string> paths = {"/", "/lost+found"};
  std::uint64_t bytes = 0;
  std::string status;
};

Result<std::string> read_entry(archive* from, std::uint64_t size) {
  std::string text(size, '\0');
  if (archive_read_data(from, text.data(), text.size()) != static_cast<la_ssize_t>(text.size()))
    return infra_error("the tar of mmdebstrap ends early");
  return text;
}

Result<Content> read_tar(const fs::path& tar) {
  const auto close = [](archive* handle) { archive_read_free(handle); };
  const std::unique_ptr<archive, decltype(close)> from(archive_read_new(), close);
  archive_read_support_format_tar(from.get());
  constexpr std::size_t block = 1 << 20;
  if (archive_read_open_filename(from.get(), tar.c_str(), block) != ARCHIVE_OK)
    return infra_error(fmt::format("cannot read {}", tar.string()));
  Content content;
  archive_entry* entry = nullptr;
  int status = archive_read_next_header(from.get(), &entry);
  for (; status == ARCHIVE_OK || status == ARCHIVE_WARN;
       status = archive_read_next_header(from.get(), &entry)) {
    std::string path = archive_entry_pathname(entry);
    while (path.ends_with('/')) path.pop_back();
    if (path.starts_with('.')) path.erase(0, 1);
    if (!path.empty()) content.paths.push_back(path);
    content.bytes += static_cast<std::uint64_t>(archive_entry_size(entry)) + 4096;
    if (path != "/var/lib/dpkg/status") continue;
    TRY_ASSIGN(content.status, read_entry(from.get(), static_cast<std::uint64_t>(archive_entry_size(entry))));
  }
  return status == ARCHIVE_EOF ? Result<Content>(std::move(content))
                               : infra_error(fmt::format("cannot read {}", tar.string()));
}

// fakeroot: the owners of files and device nodes need no root, and mke2fs sees them.
Result<void> write_image(const fs::path& folder, const Content& content) {
  constexpr std::uint64_t mib = 1 << 20;
  Ext4 disk{"root", 0, content.paths.size() + 65536, 16};
  disk.bytes = (content.bytes * 5 / 4 + free_in_image + mib - 1) / mib * mib;
  TRY(check_room(folder, content.bytes * 2));
  const fs::path staged = folder / "root";
  TRY(fs::create_directories(staged));
  const std::string script =
      shell_line({"tar", "-C", staged.string(), "--numeric-owner", "-xpf", (folder / "root.tar").string()}) +
      " && " + shell_line(mke2fs_command(disk, staged, folder / image_name));
  Command command;
  command.argv = {"fakeroot", "sh", "-c", script};
  command.environment = {{"E2FSPROGS_FAKE_TIME", fake_time}};
  command.deadline = deadline_of::files;
  auto made = run_checked(command);
  if (!made) return std::move(made).error().within("making the disk of the image");
  TRY(set_inodes(folder / image_name, content.paths, Inodes::root, folder));
  return fs::set_permissions(folder / image_name, fs::perms(0644));
}

Result<void> clear_scratch(const fs::path& folder) {
  for (const char* name : {"root", "root.tar", "pins", "debian.sources", "inodes"})
    TRY(fs::remove_all(folder / name));
  return {};
}

Result<void> save_manifest(const fs::path& folder, const RootRequest& request) {
  TRY_ASSIGN(const std::string digest, sha256_file(folder / image_name));
  TRY_ASSIGN(const std::uint64_t bytes, fs::file_size(folder / image_name));
  const json manifest = {
      {"sha256", digest}, {"bytes", bytes}, {"suite", debian_suite}, {"packages", request.packages}};
  TRY(write_file(folder / manifest_name, json_text(manifest, 1) + "\n"));
  TRY(fs::set_permissions(folder, fs::perms(0755)));
  for (const char* name : {image_name, manifest_name}) {
    const Fd fd(::open((folder / name).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd || ::fdatasync(fd.get()) != 0) return errno_error("cannot write " + (folder / name).string());
  }
  return {};
}

Result<Root> finish(TempDir making, const fs::path& folder, std::vector<std::string> changes) {
  if (!load(folder)) {
    TRY(fs::remove_all(folder));  // incomplete: made again
    TRY(making.commit(folder));
  }
  auto root = load(folder);
  if (!root)
    return infra_error(fmt::format("the image {} was removed while it was being built", folder.string()));
  root->cached = false;
  root->changes = std::move(changes);
  return std::move(*root);
}

Result<Root> build(const RootRequest& request, const std::optional<DebianLock>& lock, const fs::path& roots) {
  TRY_ASSIGN(TempDir making, TempDir::make(roots, ".new-"));
  TRY(fs::set_permissions(making.path(), fs::perms(0755)));
  TRY(check_room(making.path(), least_free));
  if (request.note) request.note("image: installing Debian's packages, which takes about a minute");
  TRY(run_mmdebstrap(request, lock, making.path()));
  TRY_ASSIGN(const Content content, read_tar(making.path() / "root.tar"));
  const DebianLock now{request.packages, parse_status(content.status)};
  auto changes = lock ? differences(lock->versions, now.versions) : std::vector<std::string>();
  if (request.locked && !changes.empty()) {
    return unavailable_error(fmt::format("--locked: the mirror no longer has the versions of {}: {}",
                                         request.lock.string(), join(changes, ", ")));
  }
  TRY(write_image(making.path(), content));
  TRY(clear_scratch(making.path()));
  TRY(save_manifest(making.path(), request));
  if (!lock || !changes.empty()) {
    TRY(fs::create_directories(request.lock.parent_path()));
    TRY(write_file(request.lock, to_text(now)));
  }
  return finish(std::move(making), roots / key_of(request, now), std::move(changes));
}

}  // namespace

Result<Root> prepare_debian(const RootRequest& request) {
  TRY_ASSIGN(const fs::path cache, fs::absolute(request.cache));
  const fs::path roots = cache / "roots";
  TRY(fs::create_directories(roots));
  (void)fs::set_permissions(roots, fs::perms(0755));  // it may be another user's
  TRY_ASSIGN(const FileLock lock, FileLock::acquire(roots / ".lock"));
  TRY_ASSIGN(const auto pinned, load_lock(request));
  if (pinned) {
    const fs::path folder = roots / key_of(request, *pinned);
    if (auto root = load(folder)) {
      cache::touch(folder);
      return std::move(*root);
    }
  }
  return build(request, pinned, roots);
}

Result<void> verify_root(const fs::path& folder) {
  const auto root = load(folder);
  if (!root) return infra_error(fmt::format("{} is incomplete", folder.string()));
  TRY_ASSIGN(const std::string now, sha256_file(root->file));
  if (now == root->digest) return {};
  return infra_error(
      fmt::format("{} is damaged: remove {} and it is built again", root->file.string(), folder.string()));
}

}  // namespace hangar::image
