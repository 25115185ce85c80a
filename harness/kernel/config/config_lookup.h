// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/config/config_diff.h"
#include "harness/kernel/spec/spec.h"

namespace hangar::kernel {

// What a name of the command line means: a kernel spec, a .config file, or a build folder that has one.
struct NamedConfig {
  std::optional<Spec> spec;
  fs::path file;  // without a spec
  Config config;  // of `file`, like what follows
  Version version;
};

// Reads the spec or the file, and nothing else. Call it for every name before the first look_up_config().
[[nodiscard]] Result<NamedConfig> find_config(const fs::path& source_tree, const std::string& name);

// The configuration of a kernel spec is that of its artifact; if it is not built, its source is fetched and
// configured, which takes some seconds and builds nothing. Its Kconfig files are those of the spec's source;
// of a .config those of the tree that it lies in, else of a source of its version in the cache.
[[nodiscard]] Result<ConfigSide> look_up_config(const fs::path& cache, const NamedConfig& named,
                                                const std::function<void(const std::string&)>& on_note);

}  // namespace hangar::kernel
