// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

struct Elf;

namespace hangar::live {

// An ELF file's symbols and the bytes at its addresses, as linked. Reads through a mapping of the file.
class ElfImage {
 public:
  struct Symbol {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
  };

  // An error when the file is no ELF file.
  [[nodiscard]] static Result<ElfImage> open(const fs::path& file);

  // Calls `see` for each symbol of this type (STT_FUNC, STT_OBJECT). False if there is no symbol table.
  bool each_symbol(int type, const std::function<void(const char* name, const Symbol& symbol)>& see) const;
  // Those of `names` that are objects in the symbol table.
  [[nodiscard]] std::map<std::string, Symbol> symbols(const std::vector<std::string>& names) const;
  // What the file has at these addresses; empty where it does not have all of it.
  [[nodiscard]] std::string_view bytes(std::uint64_t address, std::uint64_t size) const;
  // The zero-terminated text at an address, without the zero; empty where there is none.
  [[nodiscard]] std::string text(std::uint64_t address) const;

 private:
  struct End {
    void operator()(Elf* elf) const;
  };
  // From an address to the end of its section.
  [[nodiscard]] std::string_view from(std::uint64_t address) const;

  Fd fd_;
  std::unique_ptr<Elf, End> elf_;
};

}  // namespace hangar::live
