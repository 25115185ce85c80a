// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/base/folder_lock.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/build/cache.h"

// The kernel's own tests (tools/testing/selftests), from the source that a kernel is built from:
// <cache>/selftests/<key>/{selftests.tar,manifest.json}.
namespace hangar::kernel {

struct Selftests {
  fs::path archive;    // a tar of what `make install` installs: run_kselftest.sh and a folder for each suite
  std::string digest;  // SHA-256 of it
  std::vector<std::string> failed;  // programs that do not compile, which are not in it
  // While any copy of this lives, the files are not pruned.
  std::shared_ptr<const FolderLock> in_use = {};
};

// Builds `suites`, statically linked, for a kernel of `spec`. `mm` is the suite `vm` before 6.3, which
// renamed it. A suite that does not exist, or of which nothing can be installed, is a user error.
[[nodiscard]] Result<Selftests> build_selftests(const fs::path& cache, const Spec& spec,
                                                const std::vector<std::string>& suites,
                                                const BuildOptions& options);

// Reads the archive and compares it with the digest noted when it was made: an entry of <cache>/selftests.
[[nodiscard]] Result<void> verify_selftests(const fs::path& folder);

}  // namespace hangar::kernel
