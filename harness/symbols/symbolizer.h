// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

namespace hangar::symbols {

struct Symbol {
  std::uint64_t address = 0;
  std::uint64_t size = 0;
};

// A function as a stack trace prints it: name+offset/size.
struct CodeOffset {
  std::string function;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> size;
};

// One level of an address's source: a function, or one that was inlined into the next level.
struct SourceLine {
  std::string function;
  std::string source;  // "mm/slab.c:120" relative to the kernel's tree; empty if it is not known
  bool inlined = false;
};

// A vmlinux, read by elfutils' libdwfl: names for addresses, addresses for names, the file's bytes at an
// address, and source lines. Addresses are as linked: guests that are asked for addresses boot with
// `nokaslr`, and a stack trace is looked up by function and offset, so KASLR does not matter there.
//
// The file is mapped. open() reads its headers only and the debug information is opened by load_lines(), so
// a caller that needs names never pays for DWARF. One thread at a time: libdwfl fills its caches on look-up.
//
// Two things are ours, because libdwfl 0.188 does not serve. dwfl_module_address_section() opens the debug
// information, so bytes() looks for the section itself. dwfl_module_addrdie() needs .debug_aranges, which
// clang does not write (it does without since 0.191), so there is a fall-back to a search of all units.
class Symbolizer {
 public:
  // An error if the file is not ELF (a bzImage), is larger than `max_file_bytes` or has no symbol table.
  [[nodiscard]] static Result<Symbolizer> open(const fs::path& vmlinux);
  Symbolizer(Symbolizer&&) noexcept;
  Symbolizer& operator=(Symbolizer&&) noexcept;
  ~Symbolizer();

  static constexpr std::uint64_t max_file_bytes = std::uint64_t{8} << 30;  // an allyesconfig with DWARF has 2

  // "native_safe_halt+0xb", or "0xffffffff81000000" where there is no function. libdwfl looks through the
  // whole table: about 0.5 ms.
  [[nodiscard]] std::string name(std::uint64_t address) const;
  // Those of `names` that are functions or objects. About 1 ms for any number of names.
  [[nodiscard]] std::map<std::string, Symbol> find(const std::vector<std::string>& names) const;
  // What the file has at these addresses; empty where it does not have all of it.
  [[nodiscard]] std::string_view bytes(std::uint64_t address, std::uint64_t size) const;
  // The zero-terminated text at an address, without the zero; empty where there is none.
  [[nodiscard]] std::string text(std::uint64_t address) const;

  // The release in the kernel's banner ("" if there is none) and the build id in hexadecimal.
  [[nodiscard]] const std::string& release() const;
  [[nodiscard]] const std::string& build_id() const;

  // Opens the debug information, which lines() needs. An error if there is none.
  [[nodiscard]] Result<void> load_lines();
  // The functions at an address, innermost first: those that were inlined there, then the function itself.
  // Empty if the vmlinux does not have the function, or has several that fit.
  [[nodiscard]] std::vector<SourceLine> lines(const CodeOffset& code) const;

 private:
  struct State;
  explicit Symbolizer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hangar::symbols
