// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/build_progress.h"
#include "harness/base/folder_lock.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/source/revision.h"
#include "harness/kernel/spec/spec.h"

// The cache of kernel artifacts below Home::cache: sources/, objects/ and kernels/. An artifact's key is the
// digest of everything that went in, it lands by one rename, and it is checked against its digests before
// anybody gets to boot it. All methods may be called by several processes at once.
namespace hangar::cache {
class Shelves;
}

namespace hangar::kernel {

// A kernel that can be booted. Paths are absolute; a path is empty when that form does not exist (a `binary`
// has only one of bzimage and vmlinux, and no directory; an `image` has no vmlinux).
struct Artifact {
  std::string name;  // of the spec that it was asked for by
  std::string key;   // 64 hexadecimal digits; of a binary: its SHA-256
  fs::path directory;
  fs::path bzimage;
  fs::path vmlinux;
  std::string cmdline;                 // the spec's, to be added to the machine's own
  std::optional<std::string> release;  // `uname -r`
  std::string signature;               // what vmlinux does (signature.h); "" when there is no vmlinux
  std::string manifest;                // the text of manifest.json; "" of a binary
  double build_s = 0;                  // what building it took then; 0 of a binary and of a prebuilt one
  std::string source = {};             // "linux-source-6.1 6.1.192-2" (Tree::label); "" of a binary
  std::string config_digest = {};      // SHA-256 of .config; "" when there is none
  // Of the source as it was when the artifact was asked for. Its content is then what the artifact was built
  // from, since the key is a digest of it; the commit may be another than at the time of the build, when the
  // same content was not committed yet or has been committed twice.
  Revision revision = {};
  std::vector<fs::path> modules = {};  // of a prebuilt one: what init has to load, in this order
  // While any copy of this lives, the files are not pruned.
  std::shared_ptr<const FolderLock> in_use = {};
};

struct BuildOptions {
  int jobs = 0;                                                // 0: by the host's cores and memory
  std::function<void(const BuildProgress&)> on_progress = {};  // each step of make; not rate-limited
  std::function<void(const std::string&)> on_note = {};  // "downloading linux-source-6.1", one line each
  const cache::Shelves* kept = nullptr;                  // what is pruned to keep the limit; null: nothing is
};

// What building a spec would mean, for --dry-run.
struct Plan {
  bool cached = false;       // nothing to do
  bool has_source = false;   // nothing to download
  std::string started_from;  // the spec-like name of the object tree it would start from; "" for a cold build
  std::optional<double> expected_s = std::nullopt;  // from earlier builds here
  std::string key = {};  // of the artifact; "" when it is not known before the source is fetched
};

class Cache {
 public:
  // `root` is Home::cache.
  explicit Cache(fs::path root) : root_(std::move(root)) {}

  // The finished artifact, verified; nothing when it has to be built. Never builds, never uses the network.
  // A damaged entry is reported through `on_note` and counts as not there; the next build replaces it.
  [[nodiscard]] Result<std::optional<Artifact>> find(
      const Spec& spec, const std::function<void(const std::string&)>& on_note = {}) const;
  // The artifact, built when it is not there.
  [[nodiscard]] Result<Artifact> build(const Spec& spec, const BuildOptions& options) const;
  [[nodiscard]] Result<Plan> plan(const Spec& spec) const;

  [[nodiscard]] const fs::path& root() const { return root_; }

 private:
  fs::path root_;
};

}  // namespace hangar::kernel
