// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "harness/base/files.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/source/revision.h"
#include "harness/kernel/source/version.h"
#include "harness/kernel/spec/spec.h"

// Pristine kernel source below <cache>/sources: unpacked once, never written again (builds link its files).
namespace hangar::kernel {

struct Tree {
  fs::path path;
  std::string label;       // "linux-source-6.1 6.1.192-2", for messages and manifests
  std::string digest;      // SHA-256 of the package or archive, or over the files of a working tree
  Version version;         // from its Makefile
  std::string lineage;     // the same for all states of one source
  Revision revision = {};  // of a `git` source. A working tree's is read by revision_of_tree(), at a cost
};

using Note = std::function<void(const std::string&)>;

// What is unpacked already; never downloads. Nothing when the source has to be fetched first.
[[nodiscard]] Result<std::optional<Tree>> known_tree(const fs::path& cache, const Source& source);
// Downloads and unpacks as needed. Two at once: one waits.
[[nodiscard]] Result<Tree> obtain_tree(const fs::path& cache, const Source& source, const Note& on_note);
// Lets a source move that stays the same by itself: a lock file gets the present version, a Debian package
// without one and a branch of a remote repository are fetched again. Returns what it is now. Other sources
// are a user error.
[[nodiscard]] Result<std::string> update_source(const fs::path& cache, const Source& source,
                                                const Note& on_note);

// The .deb of a `debian` or `image` source, in `folder`. The caller holds the lock of the
// sources.
struct FetchedPackage {
  fs::path file;
  std::string label;   // "linux-source-7.2 7.2.13-1"
  std::string sha256;  // of the file
};
[[nodiscard]] Result<FetchedPackage> fetch_package(const fs::path& cache, const Source& source,
                                                   const fs::path& folder, const Note& on_note);
// An infra error unless `bytes` are free on the cache's file system; `doing` is what they are for.
[[nodiscard]] Result<void> need_space(const fs::path& cache, std::uint64_t bytes, const std::string& doing);
// Held while anything below <cache>/sources is made.
[[nodiscard]] Result<FileLock> lock_sources(const fs::path& cache, const Note& on_note);
// <cache>/sources/NAME.json: what a source was the last time it was fetched.
[[nodiscard]] Result<fs::path> record_path(const fs::path& cache, const Source& source);
// The digest in such a file; "" when there is no file, or none in it.
[[nodiscard]] Result<std::string> recorded_digest(const fs::path& record);

// VERSION, PATCHLEVEL and SUBLEVEL of a kernel Makefile's text; empty when it has none.
[[nodiscard]] Version makefile_version(std::string_view makefile);

}  // namespace hangar::kernel
