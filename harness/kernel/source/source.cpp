// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/source/source.h"

#include <charconv>

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/kernel/build/lock.h"
#include "harness/kernel/source/debian.h"
#include "harness/kernel/source/git.h"
#include "harness/kernel/source/snapshot.h"

namespace hangar::kernel {
namespace {

using nlohmann::json;

// A source tree is 1.5 GB unpacked, and its package 140 MB.
constexpr std::uint64_t needed_bytes = 2ull << 30;

void tell(const Note& on_note, const std::string& text) {
  if (on_note) on_note(text);
}

fs::path tree_path(const fs::path& cache, const std::string& digest) {
  return cache / "sources" / digest.substr(0, 16);
}

// The finished tree of a record, or nothing when record or tree is missing.
std::optional<Tree> read_record(const fs::path& cache, const Source& source) {
  const auto path = record_path(cache, source);
  const auto text = path ? read_file(*path) : Result<std::string>(path.error());
  if (!text) return std::nullopt;
  const json record = parse_object(*text);
  const auto digest = field<std::string>(record, "digest");
  if (!digest) return std::nullopt;
  Tree tree;
  tree.digest = *digest;
  tree.label = field<std::string>(record, "label").value_or("");
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
  TRY_ASSIGN(const fs::path path, record_path(cache, source));
  return write_file(path, json_text(record, 2) + "\n");
}

// A folder that holds nothing but one folder: that one.
fs::path only_child(const fs::path& folder) {
  fs::path child;
  for (const auto& entry : fs::list_or_empty(folder)) {
    if (!child.empty() || !entry.is_directory()) return folder;
    child = entry.path();
  }
  return child.empty() ? folder : child;
}

// Moves the tree that was unpacked in `work` to its place.
Result<void> land(const fs::path& cache, const fs::path& unpacked, Tree& tree) {
  const auto makefile = read_file(unpacked / "Makefile");
  if (makefile) tree.version = makefile_version(*makefile);
  if (tree.version.empty() || !fs::exists(unpacked / "Kconfig"))
    return user_error(fmt::format("{} has no kernel source tree", tree.label));
  tree.path = tree_path(cache, tree.digest);
  if (fs::exists(tree.path)) return {};
  return fs::rename(unpacked, tree.path);
}

// What unpackers that were killed have left. The caller holds the lock of the sources.
void remove_dead(const fs::path& folder) {
  for (const auto& entry : fs::list_or_empty(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.compare(0, 7, "unpack-") == 0) (void)fs::remove_all(entry.path());
  }
}

Result<Tree> unpack_debian(const fs::path& cache, const Source& source, const Note& on_note) {
  TRY_ASSIGN(const TempDir work, TempDir::make(cache / "sources", "unpack-"));
  TRY_ASSIGN(const FetchedPackage package, fetch_package(cache, source, work.path(), on_note));
  Tree tree;
  tree.digest = package.sha256;
  tree.label = package.label;
  tree.lineage = describe(source);
  tell(on_note, fmt::format("unpacking {}", tree.label));
  TRY(fs::create_directories(work.path() / "tree"));
  // One pass, no intermediate file: the archive inside the package is 130 MB.
  constexpr const char* script =
      "set -o pipefail; dpkg-deb --fsys-tarfile \"$1\" | tar -xO --wildcards "
      "'./usr/src/linux-source-*.tar.*' | "
      "xz -dc | tar -x --no-same-owner -C tree";
  TRY(run_checked({.argv = {"bash", "-c", script, "unpack", package.file.string()},
                   .directory = work.path(),
                   .deadline = deadline_of::files}));
  TRY(land(cache, only_child(work.path() / "tree"), tree));
  return tree;
}

Result<Tree> unpack_tarball(const fs::path& cache, const Source& source, const Note& on_note) {
  Tree tree;
  TRY_ASSIGN(tree.digest, sha256_file(source.what));
  tree.label = fs::path(source.what).filename().string();
  tree.lineage = describe(source);
  if (!source.sha256.empty() && source.sha256 != tree.digest) {
    return user_error(fmt::format("checksum mismatch: {} has {}, the spec requires {}", source.what,
                                  tree.digest, source.sha256));
  }
  TRY_ASSIGN(const TempDir work, TempDir::make(cache / "sources", "unpack-"));
  tell(on_note, fmt::format("unpacking {}", tree.label));
  TRY(fs::create_directories(work.path() / "tree"));
  auto unpacked = run_checked({.argv = {"tar", "-xf", source.what, "--no-same-owner", "-C", "tree"},
                               .directory = work.path(),
                               .deadline = deadline_of::files});
  if (!unpacked)
    return user_error("cannot unpack the archive: " + unpacked.error().message, unpacked.error().detail);
  TRY(land(cache, only_child(work.path() / "tree"), tree));
  return tree;
}

// What a `git` source is now; nothing when it has to be fetched first.
Result<std::optional<GitTree>> read_ref(const fs::path& cache, const Source& source) {
  if (!is_url(source.what)) {
    TRY_ASSIGN(const GitRepository repository, GitRepository::open(source.what));
    TRY_ASSIGN(GitTree tree, repository.tree_at(source.ref));
    return std::optional<GitTree>(std::move(tree));
  }
  const Fetched place = fetched_place(cache, source.what, source.ref);
  const auto repository = GitRepository::open(place.repository);
  if (!repository) return std::optional<GitTree>();
  auto tree = repository->tree_at(place.ref);
  return tree ? std::optional<GitTree>(std::move(*tree)) : std::optional<GitTree>();
}

std::string digest_of_git_tree(const std::string& id) {
  return sha256("git tree " + id);
}

// The tree that `git` names, as it lies in the cache, without path and version when it does not.
Tree name_tree(const Source& source, const GitTree& git) {
  Tree tree;
  tree.digest = digest_of_git_tree(git.id());
  tree.label = fmt::format("{} at {}{}", source.what, source.ref,
                           git.commit().empty() ? "" : fmt::format(" ({})", git.commit().substr(0, 12)));
  tree.lineage = "git " + source.what;
  if (!git.commit().empty()) tree.revision = {git.commit(), false, ""};
  return tree;
}

Result<std::optional<Tree>> known_git(const fs::path& cache, const Source& source) {
  TRY_ASSIGN(const auto git, read_ref(cache, source));
  if (!git) return std::optional<Tree>();
  Tree tree = name_tree(source, *git);
  tree.path = tree_path(cache, tree.digest);
  const auto makefile = read_file(tree.path / "Makefile");
  if (!makefile) return std::optional<Tree>();
  tree.version = makefile_version(*makefile);
  return std::optional<Tree>(std::move(tree));
}

// The object name of the tree that was written last from this repository.
std::string last_git_tree(const fs::path& record) {
  const auto text = read_file(record);
  return text ? field<std::string>(parse_object(*text), "git_tree").value_or("") : "";
}

Result<Tree> unpack_git(const fs::path& cache, const Source& source, const Note& on_note) {
  TRY_ASSIGN(auto git, read_ref(cache, source));
  if (!git) {
    tell(on_note, fmt::format("fetching {} from {}", source.ref, source.what));
    TRY(fetch(fetched_place(cache, source.what, source.ref), source.what, source.ref));
    TRY_ASSIGN(git, read_ref(cache, source));
    if (!git)
      return infra_error(fmt::format("{} was fetched from {}, but is missing", source.ref, source.what));
  }
  Tree tree = name_tree(source, *git);
  tell(on_note, fmt::format("reading {}", tree.label));
  TRY_ASSIGN(const fs::path record, record_path(cache, source));
  const std::string last = last_git_tree(record);
  TRY_ASSIGN(const TempDir work, TempDir::make(cache / "sources", "unpack-"));
  TRY(git->write_to(work.path() / "tree", last, tree_path(cache, digest_of_git_tree(last))));
  TRY(land(cache, work.path() / "tree", tree));
  const json written = {{"schema", "hangar.source/1"}, {"git_tree", git->id()}};
  TRY(write_file(record, json_text(written, 2) + "\n"));
  return tree;
}

Result<Tree> unpack(const fs::path& cache, const Source& source, const Note& on_note) {
  switch (source.kind) {
    case Source::Kind::tree:
      return take_snapshot(cache, source.what, on_note);
    case Source::Kind::git:
      return unpack_git(cache, source, on_note);
    case Source::Kind::debian:
    case Source::Kind::tarball:
      break;
    case Source::Kind::image:
    case Source::Kind::binary:
      return user_error(fmt::format("{} is a built kernel, not a source", describe(source)));
  }
  auto tree = source.kind == Source::Kind::debian ? unpack_debian(cache, source, on_note)
                                                  : unpack_tarball(cache, source, on_note);
  if (tree) TRY(write_record(cache, source, *tree));
  return tree;
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

Result<void> need_space(const fs::path& cache, std::uint64_t bytes, const std::string& doing) {
  TRY_ASSIGN(const std::uint64_t free, free_bytes(cache));
  if (free >= bytes) return {};
  return infra_error(fmt::format("{} has {} MiB free; {} needs {} MiB: free some space, or use --home",
                                 cache.string(), free >> 20, doing, bytes >> 20));
}

Result<FileLock> lock_sources(const fs::path& cache, const Note& on_note) {
  return FileLock::acquire(
      cache / "sources" / ".lock",
      [&] { tell(on_note, "waiting for another hangar that fetches a kernel source"); },
      deadline_of::download + deadline_of::files);
}

Result<fs::path> record_path(const fs::path& cache, const Source& source) {
  std::string name = sha256(source.what).substr(0, 16);
  if (source.kind == Source::Kind::debian || source.kind == Source::Kind::image) {
    name = source.suite.empty() ? source.what : source.suite + "-" + source.what;
    if (!source.lock.empty()) {
      TRY_ASSIGN(const DebianPackage pinned, read_lock(source.lock));
      name = pinned.name + "-" + pinned.sha256.substr(0, 16);
    }
  }
  return cache / "sources" / fmt::format("{}-{}.json", word(source.kind), name);
}

Result<std::optional<Tree>> known_tree(const fs::path& cache, const Source& source) {
  if (source.kind == Source::Kind::tree) {
    TRY_ASSIGN(auto tree, known_snapshot(cache, source.what));
    return tree;
  }
  if (source.kind == Source::Kind::git) return known_git(cache, source);
  TRY(record_path(cache, source));
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
  TRY_ASSIGN(const FileLock lock, lock_sources(cache, on_note));
  remove_dead(cache / "sources");
  TRY_ASSIGN(auto known, known_tree(cache, source));
  if (known) return std::move(*known);
  TRY(need_space(cache, needed_bytes, "unpacking a kernel source"));
  return unpack(cache, source, on_note);
}

Result<std::string> recorded_digest(const fs::path& record) {
  if (!fs::exists(record)) return std::string();
  TRY_ASSIGN(const std::string text, read_file(record));
  return field<std::string>(parse_object(text), "digest").value_or("");
}

Result<FetchedPackage> fetch_package(const fs::path& cache, const Source& source, const fs::path& folder,
                                     const Note& on_note) {
  DebianPackage package;
  FetchedPackage fetched;
  if (!source.lock.empty()) {
    TRY_ASSIGN(package, read_lock(source.lock));
    tell(on_note, fmt::format("downloading {} {}", package.name, package.version));
    auto file = download_pinned(package, folder);
    if (!file && file.error().fault == Fault::unavailable) {
      file.error().message +=
          fmt::format("; `hangar update {}` updates it", fs::path(source.lock).stem().string());
    }
    TRY_ASSIGN(fetched.file, std::move(file));
  } else {
    TRY_ASSIGN(const PackageLists lists, PackageLists::open(cache, source.suite, on_note));
    TRY_ASSIGN(package, lists.find(source.what));
    tell(on_note, fmt::format("downloading {} {}", package.name, package.version));
    TRY_ASSIGN(fetched.file, lists.download(package, folder));
  }
  TRY_ASSIGN(fetched.sha256, sha256_file(fetched.file));
  if (fetched.sha256 != package.sha256) {
    return infra_error(fmt::format("checksum mismatch for the downloaded package {}", package.name));
  }
  fetched.label = fmt::format("{} {}", package.name, package.version);
  return fetched;
}

Result<std::string> update_source(const fs::path& cache, const Source& source, const Note& on_note) {
  const bool package = source.kind == Source::Kind::debian || source.kind == Source::Kind::image;
  if (!package && !(source.kind == Source::Kind::git && is_url(source.what))) {
    return user_error(fmt::format("{} is read at every build: there is nothing to update", describe(source)));
  }
  TRY_ASSIGN(const FileLock lock, lock_sources(cache, on_note));
  if (source.kind == Source::Kind::git) {
    TRY(fetch(fetched_place(cache, source.what, source.ref), source.what, source.ref));
    TRY_ASSIGN(const auto git, read_ref(cache, source));
    return git ? name_tree(source, *git).label : describe(source);
  }
  TRY_ASSIGN(const PackageLists lists, PackageLists::open(cache, source.suite, on_note));
  TRY_ASSIGN(const DebianPackage found, lists.find(source.what));
  if (!source.lock.empty()) {
    TRY(write_file(source.lock, lock_text(found, source.suite)));
  } else {
    // The next build finds nothing on record, and fetches.
    TRY_ASSIGN(const fs::path record, record_path(cache, source));
    TRY_ASSIGN(const std::string digest, recorded_digest(record));
    if (digest != found.sha256) TRY(fs::remove(record));
  }
  return fmt::format("{} {}", found.name, found.version);
}

}  // namespace hangar::kernel
