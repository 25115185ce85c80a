// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

// The format strings that a source file of the kernel prints, without a compiler: the literals of printk(),
// pr_*(), panic() and their relatives, and of seq_buf_printf(). All branches of an #ifdef within a call are
// joined. What has its format in a variable is missing. The texts of WARN() and BUG() are left out: their
// report is a crash whatever its text.
namespace hangar::messages {

/// Unescaped, with the file's pr_fmt() or "Kernel panic - not syncing: " in front where the call prints it.
using Format = std::string;

[[nodiscard]] std::vector<Format> formats_in(std::string_view source, std::string_view pr_fmt);

/// What `#define pr_fmt(fmt)` puts in front; `module` is KBUILD_MODNAME. "" without such a line.
[[nodiscard]] std::string pr_fmt_of(std::string_view source, std::string_view module);

/// As C has it: \n, \t, \", \\ and \ooo.
[[nodiscard]] std::string escaped(std::string_view text);
[[nodiscard]] std::string unescaped(std::string_view text);

}  // namespace hangar::messages
