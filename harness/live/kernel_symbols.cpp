// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/kernel_symbols.h"

#include <algorithm>

#include <elf.h>
#include <fmt/format.h>

#include "harness/live/elf_image.h"

namespace hangar::live {

Result<KernelSymbols> KernelSymbols::load(const fs::path& vmlinux) {
  TRY_ASSIGN(const ElfImage image, ElfImage::open(vmlinux));
  KernelSymbols symbols;
  const bool has_table = image.each_symbol(STT_FUNC, [&](const char* name, const ElfImage::Symbol& symbol) {
    symbols.functions_.push_back({symbol.address, symbol.size, name});
  });
  if (!has_table) return user_error(vmlinux.string() + " has no symbol table");
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

}  // namespace hangar::live
