// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/kernel_symbols.h"

#include <algorithm>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <gelf.h>

#include "harness/base/fd.h"

namespace hangar::experiment {
namespace {

struct ElfEnd {
  void operator()(Elf* elf) const { elf_end(elf); }
};

Elf_Scn* symbol_table(Elf* elf, GElf_Shdr& header) {
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr;
       section = elf_nextscn(elf, section)) {
    if (gelf_getshdr(section, &header) != nullptr && header.sh_type == SHT_SYMTAB) return section;
  }
  return nullptr;
}

}  // namespace

Result<KernelSymbols> KernelSymbols::load(const std::filesystem::path& vmlinux) {
  const Fd file(open(vmlinux.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno_error("opening " + vmlinux.string());
  elf_version(EV_CURRENT);
  const std::unique_ptr<Elf, ElfEnd> elf(elf_begin(file.get(), ELF_C_READ_MMAP, nullptr));
  GElf_Shdr header;
  Elf_Scn* section = elf && elf_kind(elf.get()) == ELF_K_ELF ? symbol_table(elf.get(), header) : nullptr;
  Elf_Data* data = section != nullptr ? elf_getdata(section, nullptr) : nullptr;
  if (data == nullptr || header.sh_entsize == 0) return user_error(vmlinux.string() + " has no symbol table");
  KernelSymbols symbols;
  const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
  for (int i = 0; i < count; ++i) {
    GElf_Sym symbol;
    if (gelf_getsym(data, i, &symbol) == nullptr || GELF_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
    const char* name = elf_strptr(elf.get(), header.sh_link, symbol.st_name);
    if (name != nullptr) symbols.functions_.push_back({symbol.st_value, symbol.st_size, name});
  }
  std::stable_sort(symbols.functions_.begin(), symbols.functions_.end(),
                   [](const Function& a, const Function& b) { return a.address < b.address; });
  return symbols;
}

std::string KernelSymbols::name(std::uint64_t address) const {
  auto after = std::upper_bound(functions_.begin(), functions_.end(), address,
                                [](std::uint64_t value, const Function& f) { return value < f.address; });
  if (after == functions_.begin()) return fmt::format("{:#x}", address);
  const Function& function = *--after;
  const std::uint64_t offset = address - function.address;
  constexpr std::uint64_t assembly_bytes = 4096;  // a function of assembly may have no size
  if (offset >= (function.size != 0 ? function.size : assembly_bytes)) return fmt::format("{:#x}", address);
  return fmt::format("{}+{:#x}", function.name, offset);
}

bool KernelSymbols::has(const std::string& function) const {
  return std::any_of(functions_.begin(), functions_.end(),
                     [&](const Function& known) { return known.name == function; });
}

}  // namespace hangar::experiment
