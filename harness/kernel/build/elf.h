// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <elf.h>

// Reads the sections of 64-bit little-endian ELF files. A file may be anything: every offset and size in it
// is checked against the bytes that there are.
namespace hangar::kernel {

struct ElfSection {
  std::string_view name;
  std::uint32_t type = SHT_NULL;
  std::uint64_t flags = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;     // in memory
  std::string_view contents;  // empty for SHT_NOBITS; shorter than `size` when the file is truncated
};

// The file's header; nothing if `bytes` is not such a file.
[[nodiscard]] std::optional<Elf64_Ehdr> elf_header(std::string_view bytes);

// The sections in the file's order; the views point into `bytes`. Nothing when the section table is missing
// or damaged, or when the sections have more contents than the file could hold.
[[nodiscard]] std::optional<std::vector<ElfSection>> elf_sections(std::string_view bytes);

}  // namespace hangar::kernel
