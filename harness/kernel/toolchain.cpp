// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/toolchain.h"

#include <fmt/format.h>

#include "harness/base/process.h"
#include "harness/base/text.h"

namespace hangar::kernel {
namespace {

Result<std::string> version_line(const std::string& program, const std::string& package) {
  if (!find_program(program))
    return infra_error(fmt::format("building a kernel needs `{}`: install the package {}", program, package));
  TRY_ASSIGN(const Finished finished, run_checked({{program, "--version"}}));
  return std::string(split(finished.output, '\n').front());
}

}  // namespace

Result<Toolchain> find_toolchain() {
  Toolchain tools{"gcc", {}, {}};
  TRY_ASSIGN(tools.compiler_line, version_line(tools.compiler, "gcc"));
  TRY_ASSIGN(tools.linker_line, version_line("ld", "binutils"));
  return tools;
}

}  // namespace hangar::kernel
