// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/elf.h"

#include <cstring>

namespace hangar::kernel {
namespace {

template <typename T>
std::optional<T> read_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

std::string_view slice(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  return offset > bytes.size() ? std::string_view() : bytes.substr(offset, size);
}

std::optional<Elf64_Shdr> section_header(std::string_view bytes, const Elf64_Ehdr& header, unsigned index) {
  return read_at<Elf64_Shdr>(bytes, header.e_shoff + std::uint64_t{index} * sizeof(Elf64_Shdr));
}

}  // namespace

std::optional<Elf64_Ehdr> elf_header(std::string_view bytes) {
  const auto header = read_at<Elf64_Ehdr>(bytes, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return std::nullopt;
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) return std::nullopt;
  return header;
}

std::optional<std::vector<ElfSection>> elf_sections(std::string_view bytes) {
  const auto header = elf_header(bytes);
  if (!header || header->e_shentsize != sizeof(Elf64_Shdr)) return std::nullopt;
  const auto names = section_header(bytes, *header, header->e_shstrndx);
  if (!names) return std::nullopt;
  std::vector<ElfSection> sections;
  std::uint64_t contents = 0;
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    const auto section = section_header(bytes, *header, i);
    if (!section) return std::nullopt;
    std::string_view name = slice(bytes, names->sh_offset + section->sh_name, 64);
    name = name.substr(0, name.find('\0'));
    const bool in_file = section->sh_type != SHT_NOBITS;
    sections.push_back({name, section->sh_type, section->sh_flags, section->sh_addr, section->sh_size,
                        in_file ? slice(bytes, section->sh_offset, section->sh_size) : std::string_view()});
    // Sections do not overlap. Thousands that each claim the whole file would take hours to read.
    contents += sections.back().contents.size();
    if (contents > bytes.size()) return std::nullopt;
  }
  return sections;
}

}  // namespace hangar::kernel
