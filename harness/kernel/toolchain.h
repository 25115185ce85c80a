// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/result.h"

namespace hangar::kernel {

// The programs that turn source into a kernel. Their version lines go into an artifact's key.
struct Toolchain {
  std::string compiler;       // the command: "gcc"
  std::string compiler_line;  // first line of `gcc --version`
  std::string linker_line;    // first line of `ld --version`
};

// An infra error names the package to install when a tool is missing.
[[nodiscard]] Result<Toolchain> find_toolchain();

}  // namespace hangar::kernel
