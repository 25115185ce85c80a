// SPDX-License-Identifier: GPL-2.0-only
// Writes harness/log/crash/functions_table.cpp: the infrastructure of the kernels whose sources are given.
//   write_functions SOURCE... > harness/log/crash/functions_table.cpp
// `hangar config diff v5.10 v6.12` fetches sources into the cache (sources/).
#include <cstdio>
#include <exception>
#include <filesystem>

#include <fmt/core.h>

#include "harness/base/files.h"
#include "harness/log/crash/functions.h"
#include "tests/functions/verdicts.h"

namespace hangar {
namespace {

namespace stdfs = std::filesystem;

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
  functions::Found found;
  std::string releases;
  for (int i = 0; i < count; ++i) {
    functions::add_source(sources[i], [&](const functions::Definition& one, const std::string& path) {
      functions::add_definition(one, path, found);
    });
    releases += (i > 0 ? ", " : "") + release(sources[i]);
  }
  print_table(functions::infrastructure(found), releases);
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
