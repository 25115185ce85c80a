// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/source/source.h"

// Kernels that Debian has built: spec `image: linux-image-...`. The package is taken apart, never installed;
// what is kept is an artifact like any other, <cache>/kernels/<key>/{bzImage,.config,modules/,manifest.json}.
namespace hangar::kernel {

// The artifact when the package has been fetched before; never downloads.
[[nodiscard]] Result<std::optional<Artifact>> known_prebuilt(const fs::path& cache, const Spec& spec,
                                                             const Note& on_note);
[[nodiscard]] Result<Artifact> obtain_prebuilt(const fs::path& cache, const Spec& spec, const Note& on_note);

}  // namespace hangar::kernel
