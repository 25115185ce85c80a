// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/source.h"

#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/kernel/snapshot.h"

namespace hangar::kernel {
namespace {

using nlohmann::json;

// A source tree is 1.5 GB unpacked, and its package 140 MB.
constexpr std::uint64_t needed_bytes = 2ull << 30;

void tell(const Note& on_note, const std::string& text) {
  if (on_note) on_note(text);
}

// <sources>/<first digits of the digest>: the tree; beside it NAME.json says what it is.
fs::path record_path(const fs::path& cache, const Source& source) {
  const std::string name =
      source.kind == Source::Kind::debian ? source.what : sha256(source.what).substr(0, 16);
  return cache / "sources" / fmt::format("{}-{}.json", word(source.kind), name);
}

fs::path tree_path(const fs::path& cache, const std::string& digest) {
  return cache / "sources" / digest.substr(0, 16);
}

// The finished tree of a record, or nothing when record or tree is missing.
std::optional<Tree> read_record(const fs::path& cache, const Source& source) {
  const auto text = read_file(record_path(cache, source));
  if (!text) return std::nullopt;
  const json record = json::parse(*text, nullptr, false);
  if (!record.is_object() || !record.contains("digest") || !record["digest"].is_string()) return std::nullopt;
  Tree tree;
  tree.digest = record["digest"];
  tree.label = record.value("label", "");
  tree.lineage = describe(source);
  tree.path = tree_path(cache, tree.digest);
  const auto makefile = read_file(tree.path / "Makefile");
  if (!makefile) return std::nullopt;
  tree.version = makefile_version(*makefile);
  return tree;
}

Result<void> write_record(const fs::path& cache, const Source& source, const Tree& tree) {
  const json record = {{"schema", "hangar.source/1"},
                       {"source", describe(source)},
                       {"label", tree.label},
                       {"digest", tree.digest},
                       {"kernel", dotted(tree.version)}};
  return write_file(record_path(cache, source), record.dump(2) + "\n");
}

Result<void> need_space(const fs::path& cache) {
  TRY_ASSIGN(const std::uint64_t free, free_bytes(cache));
  if (free >= needed_bytes) return {};
  return infra_error(
      fmt::format("{} has {} MiB free; unpacking a kernel source needs {} MiB: free some, or use --home",
                  cache.string(), free >> 20, needed_bytes >> 20));
}

// A folder that holds nothing but one folder: that one.
fs::path only_child(const fs::path& folder) {
  std::error_code code;
  fs::path child;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    if (!child.empty() || !entry.is_directory()) return folder;
    child = entry.path();
  }
  return child.empty() ? folder : child;
}

// Moves the tree that was unpacked in `work` to its place.
Result<void> land(const fs::path& cache, const fs::path& unpacked, Tree& tree) {
  TRY_ASSIGN(const std::string makefile, read_file(unpacked / "Makefile"));
  tree.version = makefile_version(makefile);
  std::error_code code;
  if (tree.version.empty() || !fs::exists(unpacked / "Kconfig", code))
    return user_error(fmt::format("{} does not hold a kernel source tree", tree.label));
  tree.path = tree_path(cache, tree.digest);
  if (fs::exists(tree.path, code)) return {};
  fs::rename(unpacked, tree.path, code);
  if (code)
    return infra_error(fmt::format("cannot move the source to {}: {}", tree.path.string(), code.message()));
  return {};
}

// What unpackers that were killed have left. The caller holds the lock of the sources.
void remove_dead(const fs::path& folder) {
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    if (name.compare(0, 7, "unpack-") == 0) fs::remove_all(entry.path(), code);
  }
}

Result<fs::path> download(const std::string& package, const fs::path& folder) {
  // As root apt would become _apt, which may not write here.
  const auto finished =
      run({{"apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", package}, folder});
  if (!finished) return finished.error();
  if (!finished->good()) {
    return infra_error(
        fmt::format("cannot download the Debian package {}: its package lists may be missing or old "
                    "(`apt-get update`), or there is no network",
                    package),
        std::string(trim(finished->output)));
  }
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".deb") return entry.path();
  return infra_error(fmt::format("apt-get download {} succeeded and left no package", package));
}

Result<Tree> unpack_debian(const fs::path& cache, const Source& source, const Note& on_note) {
  TRY_ASSIGN(const TempDir work, TempDir::make(cache / "sources", "unpack-"));
  tell(on_note, fmt::format("downloading {}", source.what));
  TRY_ASSIGN(const fs::path package, download(source.what, work.path()));
  Tree tree;
  TRY_ASSIGN(tree.digest, sha256_file(package));
  TRY_ASSIGN(const Finished version, run_checked({{"dpkg-deb", "-f", package.string(), "Version"}}));
  tree.label = fmt::format("{} {}", source.what, trim(version.output));
  tree.lineage = describe(source);
  tell(on_note, fmt::format("unpacking {}", tree.label));
  TRY(make_directories(work.path() / "tree"));
  // One pass, no intermediate file: the archive inside the package is 130 MB.
  constexpr const char* script =
      "set -o pipefail; dpkg-deb --fsys-tarfile \"$1\" | tar -xO --wildcards "
      "'./usr/src/linux-source-*.tar.*' | "
      "xz -dc | tar -x --no-same-owner -C tree";
  TRY(run_checked({{"bash", "-c", script, "unpack", package.string()}, work.path()}));
  TRY(land(cache, only_child(work.path() / "tree"), tree));
  return tree;
}

Result<Tree> unpack_tarball(const fs::path& cache, const Source& source, const Note& on_note) {
  Tree tree;
  TRY_ASSIGN(tree.digest, sha256_file(source.what));
  tree.label = fs::path(source.what).filename().string();
  tree.lineage = describe(source);
  if (!source.sha256.empty() && source.sha256 != tree.digest) {
    return user_error(
        fmt::format("{} has the digest {}, the spec wants {}", source.what, tree.digest, source.sha256));
  }
  TRY_ASSIGN(const TempDir work, TempDir::make(cache / "sources", "unpack-"));
  tell(on_note, fmt::format("unpacking {}", tree.label));
  TRY(make_directories(work.path() / "tree"));
  auto unpacked = run_checked({{"tar", "-xf", source.what, "--no-same-owner", "-C", "tree"}, work.path()});
  if (!unpacked)
    return user_error("cannot unpack the archive: " + unpacked.error().message, unpacked.error().detail);
  TRY(land(cache, only_child(work.path() / "tree"), tree));
  return tree;
}

Error not_yet(const Source& source) {
  return user_error(
      fmt::format("kernels of source `{}` cannot be built by this version of hangar", word(source.kind)));
}

}  // namespace

Version makefile_version(std::string_view makefile) {
  Version version;
  for (const std::string_view key : {"VERSION = ", "PATCHLEVEL = ", "SUBLEVEL = "}) {
    for (const std::string_view line : split(makefile.substr(0, 2000), '\n')) {
      if (line.substr(0, key.size()) != key) continue;
      int number = 0;
      std::from_chars(line.data() + key.size(), line.data() + line.size(), number);
      version.push_back(number);
      break;
    }
  }
  return version.size() == 3 ? version : Version();
}

Result<std::optional<Tree>> known_tree(const fs::path& cache, const Source& source) {
  if (source.kind == Source::Kind::tree) {
    TRY_ASSIGN(auto tree, known_snapshot(cache, source.what));
    return tree;
  }
  auto tree = read_record(cache, source);
  if (!tree || source.kind != Source::Kind::tarball) return tree;
  // An archive may have been replaced under its name.
  TRY_ASSIGN(const std::string digest, sha256_file(source.what));
  if (digest != tree->digest) tree.reset();
  return tree;
}

Result<Tree> obtain_tree(const fs::path& cache, const Source& source, const Note& on_note) {
  {
    TRY_ASSIGN(auto known, known_tree(cache, source));
    if (known) return std::move(*known);
  }
  if (source.kind != Source::Kind::debian && source.kind != Source::Kind::tarball &&
      source.kind != Source::Kind::tree)
    return not_yet(source);
  TRY_ASSIGN(const FileLock lock, FileLock::acquire(cache / "sources" / ".lock", [&] {
               tell(on_note, "waiting: another hangar fetches a kernel source");
             }));
  remove_dead(cache / "sources");
  TRY_ASSIGN(auto known, known_tree(cache, source));
  if (known) return std::move(*known);
  TRY(need_space(cache));
  if (source.kind == Source::Kind::tree) return take_snapshot(cache, source.what, on_note);
  auto tree = source.kind == Source::Kind::debian ? unpack_debian(cache, source, on_note)
                                                  : unpack_tarball(cache, source, on_note);
  if (!tree) return tree;
  TRY(write_record(cache, source, *tree));
  return tree;
}

}  // namespace hangar::kernel
