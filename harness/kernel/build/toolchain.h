// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/source/version.h"

// Which compiler builds which kernel: kernels/toolchain/compilers.yaml, a table of version ranges.
namespace hangar::kernel {

// The programs that turn source into a kernel. Their version lines go into an artifact's key.
struct Toolchain {
  std::string compiler;       // the command: "gcc"
  std::string compiler_line;  // first line of `gcc --version`
  std::string linker_line;    // first line of `ld --version`
};

struct CompilerRow {
  VersionRange kernels;
  std::string kernels_text;  // as written
  VersionRange gcc;
  std::string gcc_text;
  std::string package;  // to install when no gcc that is here fits
  std::string reason;
};

struct Gcc {
  std::string command;  // "gcc-12"
  Version version;
};

[[nodiscard]] Result<std::vector<CompilerRow>> parse_compilers(std::string_view yaml,
                                                               const std::string& name);
// The row for a kernel: the first that fits. A user error when none does.
[[nodiscard]] Result<CompilerRow> row_for(const std::vector<CompilerRow>& rows, const Version& kernel);
// Of `found`, in the order of preference, the first that the row allows; an infra error names the package to
// install.
[[nodiscard]] Result<Gcc> choose_gcc(const CompilerRow& row, const std::vector<Gcc>& found,
                                     const Version& kernel);

// The tools for a kernel of this version; `kernels` is the folder of specs. An infra error names the package
// to install when a tool is missing.
[[nodiscard]] Result<Toolchain> find_toolchain(const fs::path& kernels, const Version& version);

}  // namespace hangar::kernel
