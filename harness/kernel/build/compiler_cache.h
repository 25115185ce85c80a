// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/build/toolchain.h"

// ccache for kernel builds, where it is installed: objects that an earlier build compiled from the same text,
// under whatever configuration, are copied instead of compiled.
namespace hangar::kernel {

// The variables that make the compiler of `tools` go through ccache, which keeps its files in `folder`; none
// when ccache is not installed. The compiler is found under its own name by way of PATH: a command line that
// named ccache would be recorded in kbuild's .cmd files, and installing ccache would rebuild everything.
[[nodiscard]] Result<std::map<std::string, std::string>> compiler_cache_environment(const fs::path& folder,
                                                                                    const Toolchain& tools);

// What of the caller's environment speaks to ccache: it must not reach a build.
[[nodiscard]] bool is_ccache_variable(const std::string& name);

}  // namespace hangar::kernel
