// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// Names for addresses in the kernel, out of a vmlinux's symbol table. Addresses must be as linked: guests get
// `nokaslr`.
namespace hangar::live {

class KernelSymbols {
 public:
  // Knows nothing.
  KernelSymbols() = default;
  // An error when the file is no ELF file with a symbol table (a bzImage).
  [[nodiscard]] static Result<KernelSymbols> load(const fs::path& vmlinux);

  // "native_safe_halt+0xb", or "0xffffffff81000000".
  [[nodiscard]] std::string name(std::uint64_t address) const;
  [[nodiscard]] bool has(const std::string& function) const;
  [[nodiscard]] bool empty() const { return functions_.empty(); }

 private:
  struct Function {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    std::string name;
  };
  std::vector<Function> functions_;  // by address
};

}  // namespace hangar::live
