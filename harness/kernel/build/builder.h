// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "harness/base/folder_lock.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/build/inputs.h"

namespace hangar::kernel {

// The inputs, and the lock that keeps their source from being pruned.
struct SourceInputs {
  Inputs inputs;
  std::optional<FolderLock> in_use;
};
// Fetches the source if need be.
[[nodiscard]] Result<SourceInputs> gather(const fs::path& cache, const Spec& spec, const Note& on_note);

// Fetches the source if need be, builds, and lands the artifact and its object tree in the cache. Returns the
// inputs, whose key names the artifact. When another process builds from the same source, waits for it, and
// builds nothing if that has made the same kernel.
[[nodiscard]] Result<Inputs> build_kernel(const fs::path& cache, const Spec& spec,
                                          const BuildOptions& options);

// The configuration that a build of `spec` would have; the source is fetched if need be, nothing is compiled
// but kconfig itself.
[[nodiscard]] Result<Config> configure_kernel(const fs::path& cache, const Spec& spec,
                                              const std::function<void(const std::string&)>& on_note);

}  // namespace hangar::kernel
