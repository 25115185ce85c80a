// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include <elf.h>

// Small 64-bit ELF files for x86-64, made of sections.
namespace hangar::small_elf {

struct Section {
  std::string name;
  std::uint64_t address = 0;
  std::uint64_t flags = SHF_ALLOC;  // 0: not loaded
  std::string contents;
  std::uint32_t type = SHT_PROGBITS;
};

template <typename T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// The sections in their order, between the null section and the table of names.
inline std::string file_of(std::vector<Section> sections) {
  sections.insert(sections.begin(), {"", 0, 0, "", SHT_NULL});
  sections.push_back({".shstrtab", 0, 0, "", SHT_STRTAB});
  std::string& names = sections.back().contents;
  std::vector<Elf64_Shdr> headers;
  for (const Section& section : sections) {
    Elf64_Shdr header = {};
    header.sh_name = static_cast<Elf64_Word>(names.size());
    header.sh_type = section.type;
    header.sh_flags = section.flags;
    header.sh_addr = section.address;
    headers.push_back(header);
    names += section.name + '\0';
  }
  std::string body;
  for (size_t i = 0; i < sections.size(); ++i) {
    headers[i].sh_offset = sizeof(Elf64_Ehdr) + body.size();
    headers[i].sh_size = sections[i].contents.size();
    body += sections[i].contents;
  }
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = EM_X86_64;
  header.e_type = ET_EXEC;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = static_cast<Elf64_Half>(headers.size());
  header.e_shstrndx = static_cast<Elf64_Half>(headers.size() - 1);
  header.e_shoff = sizeof header + body.size();
  std::string file = bytes_of(header) + body;
  for (const Elf64_Shdr& section : headers) file += bytes_of(section);
  return file;
}

}  // namespace hangar::small_elf
