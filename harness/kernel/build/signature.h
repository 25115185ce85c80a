// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

// What a kernel does, as a digest: two kernels with the same signature run the same code on the same data,
// even if their sources, symbol tables and debug information differ.
namespace hangar::kernel {

// Covers the names, addresses, sizes and contents of the sections that are loaded, without
// - the kernel's notes and the build IDs of the vDSO images in its data, which cover debug information too;
// - the line numbers of BUG() and WARN() in __bug_table.
// Line numbers that code passes on itself count: might_sleep() with DEBUG_ATOMIC_SLEEP and ext4's error
// handlers do so. The result is the version of this definition, "-", and 64 hexadecimal digits; "" when `elf`
// is not a 64-bit ELF file.
[[nodiscard]] std::string kernel_signature(std::string_view elf);

// False for a signature that an earlier version of Hangar has computed: it can only be compared with its
// like.
[[nodiscard]] bool is_current_signature(std::string_view signature);

}  // namespace hangar::kernel
