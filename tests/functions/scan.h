// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

// The functions that a source file of the kernel defines, without a compiler: a scan of C (functions, static
// inlines in headers, SYSCALL_DEFINE and other macros with a body) or of assembly (SYM_FUNC_START and its
// forebears). What no scan can see, names that macros paste together, is missing.
namespace hangar::functions {

struct Definition {
  std::string name;
  bool local = false;  // static
};
[[nodiscard]] std::vector<Definition> defined_in_c(std::string_view text);
[[nodiscard]] std::vector<Definition> defined_in_assembly(std::string_view text);

}  // namespace hangar::functions
