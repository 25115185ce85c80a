// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/config/config_diff.h"
#include "harness/kernel/spec/spec.h"

namespace hangar::kernel {

// The configuration that a person means by `name`: a kernel spec (from its artifact, else configured for the
// purpose, which takes some seconds and builds nothing), a .config file, or a build folder that has one. Its
// Kconfig files are those of the spec's source; of a .config those of the tree that it lies in, else of a
// source of its version in the cache.
[[nodiscard]] Result<ConfigSide> look_up_config(const fs::path& cache, const fs::path& source_tree,
                                                const std::string& name,
                                                const std::function<void(const std::string&)>& on_note);

}  // namespace hangar::kernel
