// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

// The functions of the kernel that are infrastructure, by name: the kind_of_function() of the files
// that define them, for several releases and all architectures. build/write_functions makes
// functions_table.cpp out of kernel sources. Membership is exact.
namespace hangar::log {

// A block of names in order, each as the length that it shares with the one before, the length of the rest,
// its kind, the rest.
struct FunctionTable {
  std::string_view bytes;
  std::span<const unsigned> kinds;        // an entry has an index into it
  std::span<const std::uint32_t> blocks;  // where a block begins; its first name shares nothing
};

// Names in order. The reverse of what kind_in() reads.
struct NamedKind {
  std::string name;
  unsigned kind = 0;
};
struct PackedFunctions {
  std::string bytes;
  std::vector<unsigned> kinds;
  std::vector<std::uint32_t> blocks;
};
[[nodiscard]] PackedFunctions pack_functions(const std::vector<NamedKind>& names);

// The kind of a function in the table; 0 if it is not in it.
[[nodiscard]] unsigned kind_in(const FunctionTable& table, std::string_view name);

// The table of the kernel's functions.
[[nodiscard]] const FunctionTable& kernel_functions();

}  // namespace hangar::log
