// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/facts.h"
#include "harness/base/folder_lock.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

// The root that a program runs in, besides the initramfs: a disk with Debian's packages, the host's files, or
// a disk of the user's. A run never writes to it: it gets an overlay.
namespace hangar::image {

struct RootRequest {
  ImageKind kind = ImageKind::initramfs;
  std::vector<std::string> packages = {};  // debian: sorted, each once
  std::string sources = {};                // debian: apt's sources (deb822)
  fs::path lock = {};                      // debian: the file that pins the versions; made if it is missing
  bool locked = false;                     // debian: other versions than those of the lock are an error
  fs::path disk = {};                      // disk
  fs::path cache;                          // Home::cache
  std::function<void(const std::string&)> note = {};
};

struct Root {
  ImageKind kind = ImageKind::initramfs;
  fs::path file;       // the disk image; empty: the host's root
  std::string format;  // of the file: raw or qcow2
  // SHA-256 of the file; of the host's root: of the list of its packages
  std::string digest;
  std::vector<std::string> changes;  // of versions against the lock: "stress-ng 0.15.06-2 is now 0.15.06-3"
  bool cached = false;               // nothing had to be built
  std::shared_ptr<const FolderLock> in_use = {};
};

[[nodiscard]] Result<Root> prepare_root(const RootRequest& request);

// Debian's release of the images.
inline constexpr const char* debian_suite = "bookworm";

// A new qcow2 file with nothing but what is to differ from `base`.
[[nodiscard]] Result<void> make_overlay(const fs::path& base, const std::string& format,
                                        const fs::path& overlay);

// Reads the file and compares it with the digest noted when it was built: an entry of <cache>/roots.
[[nodiscard]] Result<void> verify_root(const fs::path& folder);

}  // namespace hangar::image
