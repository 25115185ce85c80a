// SPDX-License-Identifier: GPL-2.0-only
// Writes harness/log/crash/functions_table.cpp: the infrastructure of the kernels whose sources are given.
//   write_functions SOURCE... > harness/log/crash/functions_table.cpp
// `hangar config diff v5.10 v6.12` fetches sources into the cache (sources/).
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>

#include <fmt/core.h>

#include "harness/base/files.h"
#include "harness/log/crash/functions.h"
#include "harness/log/crash/place.h"
#include "tests/functions/scan.h"

namespace hangar {
namespace {

namespace stdfs = std::filesystem;

// What the files that define a name say. A global function of the core is the one in a trace, whatever static
// functions or replacements drivers have; architectures matter where there are no others.
struct Verdicts {
  unsigned core = ~0U;
  unsigned generic = ~0U;
  unsigned arch = ~0U;
};
using Found = std::map<std::string, Verdicts>;

// Boot loaders and programs have copies of the kernel's functions.
bool is_apart(std::string_view path) {
  for (const std::string_view part : {"/boot/", "/compressed/", "/libstub/", "/purgatory/", "/vdso/", "/um/",
                                      "/test", "_test.c", "_kunit.c", "-test.c", "/kunit/", "torture.c"}) {
    if (path.find(part) != std::string_view::npos) return true;
  }
  for (const std::string_view folder :
       {"tools/", "scripts/", "samples/", "Documentation/", "usr/", "lib/decompress"}) {
    if (path.starts_with(folder)) return true;
  }
  return false;
}

bool is_core(std::string_view path) {
  return path.starts_with("lib/") || path.starts_with("kernel/") || path.starts_with("mm/");
}

void add_file(const stdfs::path& file, const std::string& path, Found& found) {
  const bool assembly = path.ends_with(".S");
  if (!assembly && !path.ends_with(".c") && !path.ends_with(".h")) return;
  const auto text = read_file(file);
  if (!text) return;
  for (const auto& one : assembly ? functions::defined_in_assembly(*text) : functions::defined_in_c(*text)) {
    auto& verdicts = found[one.name];
    const bool arch = path.starts_with("arch/");
    auto& kind = arch ? verdicts.arch : is_core(path) && !one.local ? verdicts.core : verdicts.generic;
    kind &= log::kind_of_function(one.name, path);
  }
}

void add_source(const stdfs::path& source, Found& found) {
  for (const auto& entry : stdfs::recursive_directory_iterator(source)) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    const auto path = entry.path().lexically_relative(source).string();
    if (!is_apart(path)) add_file(entry.path(), path, found);
  }
}

std::vector<log::NamedKind> infrastructure(const Found& found) {
  std::vector<log::NamedKind> out;
  for (const auto& [name, verdicts] : found) {
    const unsigned kind = verdicts.core != ~0U      ? verdicts.core
                          : verdicts.generic != ~0U ? verdicts.generic
                                                    : verdicts.arch;
    if (kind != 0 && name.size() > 2) out.push_back({name, kind});
  }
  return out;
}

template <class Numbers>
void print_numbers(const char* type, const char* name, const Numbers& numbers) {
  fmt::print("constexpr {} {}[] = {{", type, name);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    fmt::print("{}{},", i % 16 == 0 ? "\n    " : " ", numbers[i]);
  fmt::print("\n}};\n\n");
}

void print_bytes(std::string_view bytes) {
  fmt::print("constexpr char bytes[] =");
  constexpr std::size_t per_line = 60;
  for (std::size_t at = 0; at < bytes.size(); at += per_line) {
    fmt::print("\n    \"");
    for (const char c : bytes.substr(at, per_line)) {
      const bool plain = c >= '0' && c <= 'z' && c != '\\' && c != '?';
      plain ? fmt::print("{}", c) : fmt::print("\\{:03o}", static_cast<unsigned char>(c));
    }
    fmt::print("\"");
  }
  fmt::print(";\n\n");
}

void print_table(const std::vector<log::NamedKind>& names, const std::string& sources) {
  const auto packed = log::pack_functions(names);
  fmt::print(
      "// SPDX-License-Identifier: GPL-2.0-only\n// Made by build/write_functions of Linux {}: {} names.\n",
      sources, names.size());
  fmt::print(
      "// clang-format off\n"
      "// NOLINTBEGIN(bugprone-string-literal-with-embedded-nul): lengths are bytes of the text.\n#include "
      "\"harness/log/crash/functions.h\"\n\nnamespace hangar::log {{\n"
      "namespace {{\n\n");
  print_numbers("unsigned", "kinds", packed.kinds);
  print_numbers("std::uint32_t", "blocks", packed.blocks);
  print_bytes(packed.bytes);
  fmt::print(
      "}}  // namespace\n\nconst FunctionTable& kernel_functions() {{\n"
      "  static constexpr FunctionTable table{{std::string_view(bytes, sizeof bytes - 1), kinds, blocks}};\n"
      "  return table;\n}}\n\n}}  // namespace hangar::log\n"
      "// NOLINTEND(bugprone-string-literal-with-embedded-nul)\n");
}

// VERSION, PATCHLEVEL and SUBLEVEL of the Makefile.
std::string release(const stdfs::path& source) {
  std::string out;
  const auto text = read_file(source / "Makefile");
  for (const std::string_view key : {"VERSION = ", "PATCHLEVEL = ", "SUBLEVEL = "}) {
    const auto at = text ? text->find("\n" + std::string(key)) : std::string::npos;
    if (at == std::string::npos) continue;
    const auto begin = at + 1 + key.size();
    out += (out.empty() ? "" : ".") + text->substr(begin, text->find('\n', begin) - begin);
  }
  return out;
}

int write(int count, char** sources) {
  Found found;
  std::string releases;
  for (int i = 0; i < count; ++i) {
    add_source(sources[i], found);
    releases += (i > 0 ? ", " : "") + release(sources[i]);
  }
  print_table(infrastructure(found), releases);
  return 0;
}

}  // namespace
}  // namespace hangar

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: write_functions SOURCE... > harness/log/crash/functions_table.cpp\n");
    return 2;
  }
  try {
    return hangar::write(argc - 1, argv + 1);
  } catch (const std::exception& error) {
    fmt::print(stderr, "write_functions: {}\n", error.what());
    return 1;
  }
}
