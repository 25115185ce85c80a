// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/elf_image.h"

#include <algorithm>

#include <fcntl.h>
#include <gelf.h>

namespace hangar::live {
namespace {

Elf_Scn* symbol_table(Elf* elf, GElf_Shdr& header) {
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr;
       section = elf_nextscn(elf, section)) {
    if (gelf_getshdr(section, &header) != nullptr && header.sh_type == SHT_SYMTAB) return section;
  }
  return nullptr;
}

bool holds(const GElf_Shdr& header, std::uint64_t address) {
  const bool loaded = (header.sh_flags & SHF_ALLOC) != 0 && header.sh_type != SHT_NOBITS;
  return loaded && address >= header.sh_addr && address - header.sh_addr < header.sh_size;
}

}  // namespace

void ElfImage::End::operator()(Elf* elf) const {
  elf_end(elf);
}

Result<ElfImage> ElfImage::open(const fs::path& file) {
  ElfImage image;
  image.fd_ = Fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!image.fd_) return errno_error("opening " + file.string());
  elf_version(EV_CURRENT);
  image.elf_.reset(elf_begin(image.fd_.get(), ELF_C_READ_MMAP, nullptr));
  if (!image.elf_ || elf_kind(image.elf_.get()) != ELF_K_ELF)
    return user_error(file.string() + " is not an ELF file");
  return image;
}

bool ElfImage::each_symbol(int type,
                           const std::function<void(const char* name, const Symbol& symbol)>& see) const {
  GElf_Shdr header;
  Elf_Scn* section = symbol_table(elf_.get(), header);
  Elf_Data* data = section != nullptr ? elf_getdata(section, nullptr) : nullptr;
  if (data == nullptr || header.sh_entsize == 0) return false;
  const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
  for (int i = 0; i < count; ++i) {
    GElf_Sym symbol;
    if (gelf_getsym(data, i, &symbol) == nullptr || GELF_ST_TYPE(symbol.st_info) != type) continue;
    const char* name = elf_strptr(elf_.get(), header.sh_link, symbol.st_name);
    if (name != nullptr) see(name, {symbol.st_value, symbol.st_size});
  }
  return true;
}

std::map<std::string, ElfImage::Symbol> ElfImage::symbols(const std::vector<std::string>& names) const {
  std::map<std::string, Symbol> found;
  (void)each_symbol(STT_OBJECT, [&](const char* name, const Symbol& symbol) {
    if (std::find(names.begin(), names.end(), name) != names.end()) found[name] = symbol;
  });
  return found;
}

std::string_view ElfImage::from(std::uint64_t address) const {
  size_t size = 0;
  const char* file = elf_rawfile(elf_.get(), &size);
  for (Elf_Scn* section = elf_nextscn(elf_.get(), nullptr); file != nullptr && section != nullptr;
       section = elf_nextscn(elf_.get(), section)) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || !holds(header, address)) continue;
    if (header.sh_offset > size || header.sh_size > size - header.sh_offset) return {};
    return std::string_view(file + header.sh_offset, header.sh_size).substr(address - header.sh_addr);
  }
  return {};
}

std::string_view ElfImage::bytes(std::uint64_t address, std::uint64_t size) const {
  const std::string_view rest = from(address);
  return rest.size() < size ? std::string_view() : rest.substr(0, size);
}

std::string ElfImage::text(std::uint64_t address) const {
  const std::string_view rest = from(address);
  const size_t end = rest.find('\0');
  return std::string(end == std::string_view::npos ? std::string_view() : rest.substr(0, end));
}

}  // namespace hangar::live
