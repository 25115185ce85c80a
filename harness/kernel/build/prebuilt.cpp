// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/prebuilt.h"

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/process.h"
#include "harness/kernel/build/binary.h"
#include "harness/kernel/build/modules.h"
#include "harness/kernel/build/store.h"

namespace hangar::kernel {
namespace {

using nlohmann::json;

// Raised whenever something else is taken from the same package.
constexpr const char* recipe = "1";
// A cloud kernel takes 120 MB unpacked, others 400 MB.
constexpr std::uint64_t needed_bytes = 1ull << 30;

std::string key_of(const std::string& package_sha256) {
  Digest digest;
  digest.add("prebuilt", recipe).add("package", package_sha256);
  return digest.hex();
}

Result<void> write_record(const fs::path& cache, const Source& source, const FetchedPackage& package) {
  const json record = {{"schema", "hangar.source/1"},
                       {"source", describe(source)},
                       {"label", package.label},
                       {"digest", package.sha256}};
  TRY_ASSIGN(const fs::path path, record_path(cache, source));
  return write_file(path, json_text(record, 2) + "\n");
}

class Unpacker {
 public:
  Unpacker(fs::path root, fs::path into) : root_(std::move(root)), into_(std::move(into)) {}

  // `root` holds the files of the package, `into` gets those of the artifact.
  Result<void> unpack() {
    TRY_ASSIGN(release_, find_release());
    TRY(take_part("vmlinuz-", "bzImage"));
    TRY(take_part("config-", ".config"));
    TRY(inspect_binary(into_ / "bzImage"));
    return take_modules();
  }

  [[nodiscard]] const std::string& release() const { return release_; }
  [[nodiscard]] const std::vector<std::string>& modules() const { return modules_; }

 private:
  [[nodiscard]] Result<void> take_part(const std::string& prefix, const char* name) const {
    auto copied = fs::copy_file(root_ / "boot" / (prefix + release_), into_ / name);
    if (copied) return {};
    return std::move(copied).error().within("the package lacks a part of the kernel " + release_);
  }

  Result<std::string> find_release() const {
    constexpr std::string_view prefix = "vmlinuz-";
    for (const auto& entry : fs::list_or_empty(root_ / "boot")) {
      const std::string name = entry.path().filename().string();
      if (name.compare(0, prefix.size(), prefix) == 0) return name.substr(prefix.size());
    }
    return user_error("the package holds no kernel (no /boot/vmlinuz-*)");
  }

  Result<void> take_modules() {
    // Since Debian 13 /lib is a link, and packages hold usr/lib.
    if (!fs::exists(root_ / "lib")) TRY(fs::create_symlink("usr/lib", root_ / "lib"));
    const fs::path folder = root_ / "lib/modules" / release_;
    TRY(run_depmod());
    TRY_ASSIGN(const std::string dependencies, read_file(folder / "modules.dep"));
    TRY_ASSIGN(const std::string builtin, read_file(folder / "modules.builtin"));
    TRY_ASSIGN(const auto order, load_order(dependencies, builtin, guest_modules()));
    TRY(fs::create_directories(into_ / "modules"));
    for (const std::string& path : order) TRY(take_module(folder / path));
    return {};
  }

  // Debian's packages come without modules.dep: it is made when they are installed.
  [[nodiscard]] Result<void> run_depmod() const {
    std::string program = "depmod";
    for (const char* place : {"/usr/sbin/depmod", "/sbin/depmod"})
      if (fs::exists(place)) program = place;
    if (program == "depmod" && !find_program(program))
      return infra_error("unpacking a kernel package needs `depmod`: install the package kmod");
    TRY(run_checked({.argv = {program, "-b", root_.string(), release_}, .deadline = deadline_of::files}));
    return {};
  }

  // Uncompressed, so that it depends on nothing whether the guest's kernel can do that itself.
  Result<void> take_module(const fs::path& path) {
    const std::string name = module_name(path.string()) + ".ko";
    const std::string extension = path.extension().string();
    const std::string tool = extension == ".xz" ? "xz -dc" : extension == ".zst" ? "zstd -dcq" : "cat";
    TRY(run_checked({.argv = {"sh", "-c", tool + " < \"$1\" > \"$2\"", "unpack", path.string(),
                              (into_ / "modules" / name).string()},
                     .deadline = deadline_of::question}));
    modules_.push_back(name);
    return {};
  }

  fs::path root_;
  fs::path into_;
  std::string release_;
  std::vector<std::string> modules_;
};

Result<std::string> land(const fs::path& cache, const Source& source, const Note& on_note) {
  TRY_ASSIGN(const TempDir work, TempDir::make(cache / "sources", "unpack-"));
  TRY_ASSIGN(const FetchedPackage package, fetch_package(cache, source, work.path(), on_note));
  if (on_note) on_note(fmt::format("unpacking {}", package.label));
  const fs::path root = work.path() / "root";
  TRY(run_checked(
      {.argv = {"dpkg-deb", "-x", package.file.string(), root.string()}, .deadline = deadline_of::files}));
  TRY(fs::create_directories(cache / "kernels"));
  TRY_ASSIGN(TempDir staging, TempDir::make(cache / "kernels", ".new-"));
  Unpacker unpacker(root, staging.path());
  TRY(unpacker.unpack());
  const std::string key = key_of(package.sha256);
  TRY(write_prebuilt_manifest(staging.path(), key, package, unpacker.release(), unpacker.modules()));
  TRY(fs::set_permissions(staging.path(), fs::perms(0755)));  // QEMU may run as another user
  const fs::path place = artifact_path(cache, key);
  TRY(fs::remove_all(place));
  TRY(staging.commit(place));
  TRY(write_record(cache, source, package));
  return key;
}

std::optional<Artifact> dress(Loaded loaded, const Spec& spec) {
  if (!loaded.artifact) return std::nullopt;
  loaded.artifact->name = spec.name;
  loaded.artifact->cmdline = spec.cmdline;
  return std::move(loaded.artifact);
}

}  // namespace

Result<std::optional<Artifact>> known_prebuilt(const fs::path& cache, const Spec& spec, const Note& on_note) {
  if (!spec.config.empty() || !spec.patches.empty()) {
    return user_error(
        fmt::format("the kernel {} is an `image`, which is not built: it cannot have `config` or "
                    "`patches`",
                    spec.name));
  }
  TRY_ASSIGN(const fs::path record, record_path(cache, spec.source));
  TRY_ASSIGN(const std::string package, recorded_digest(record));
  if (package.empty()) return std::optional<Artifact>();
  Loaded loaded = load_artifact(cache, key_of(package));
  if (!loaded.damage.empty() && on_note) {
    on_note(fmt::format("the cached kernel {} is damaged ({}): it has to be fetched again", spec.name,
                        loaded.damage));
  }
  return dress(std::move(loaded), spec);
}

Result<Artifact> obtain_prebuilt(const fs::path& cache, const Spec& spec, const Note& on_note) {
  TRY_ASSIGN(const FileLock lock, lock_sources(cache, on_note));
  TRY_ASSIGN(auto known, known_prebuilt(cache, spec, on_note));
  if (known) return std::move(*known);
  TRY(need_space(cache, needed_bytes, "unpacking a kernel package"));
  TRY_ASSIGN(const std::string key, land(cache, spec.source, on_note));
  auto artifact = dress(load_artifact(cache, key), spec);
  if (!artifact)
    return infra_error(fmt::format("the kernel {} was damaged just after it was unpacked", spec.name));
  return std::move(*artifact);
}

}  // namespace hangar::kernel
