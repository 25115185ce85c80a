// SPDX-License-Identifier: GPL-2.0-only
#include "tests/functions/verdicts.h"

#include <algorithm>

#include "harness/base/files.h"
#include "harness/log/crash/place.h"

namespace hangar::functions {
namespace {

namespace stdfs = std::filesystem;

// Boot loaders and programs have copies of the kernel's functions.
bool is_apart(std::string_view path) {
  for (const std::string_view part : {"/boot/", "/compressed/", "/libstub/", "/purgatory/", "/vdso/", "/um/",
                                      "/test", "_test.c", "_kunit.c", "-test.c", "/kunit/", "torture.c"}) {
    if (path.find(part) != std::string_view::npos) return true;
  }
  for (const std::string_view folder :
       {"tools/", "scripts/", "samples/", "Documentation/", "usr/", "lib/decompress", "mm/nommu.c"}) {
    if (path.starts_with(folder)) return true;
  }
  return false;
}

// The architectures whose reports are named as those of x86 are.
bool is_read(std::string_view path) {
  constexpr std::array<std::string_view, 8> names = {"x86",     "arm64", "arm",  "riscv",
                                                     "powerpc", "s390",  "mips", "loongarch"};
  const auto name = path.substr(5, path.find('/', 5) - 5);
  return !path.starts_with("arch/") || std::find(names.begin(), names.end(), name) != names.end();
}

bool is_core(std::string_view path) {
  return path.starts_with("kernel/") || path.starts_with("mm/") || path.starts_with("drivers/base/") ||
         path.starts_with("net/core/") ||
         (path.starts_with("fs/") && path.find('/', 3) == std::string_view::npos);
}

Rank rank_of(const Definition& one, std::string_view path) {
  if (path.starts_with("arch/")) return arch;
  if (path.ends_with(".h")) return header;
  if (path.starts_with("lib/")) return lib;
  if (is_core(path)) return one.local ? core_static : core;
  return generic;
}

}  // namespace

void add_definition(const Definition& one, std::string_view path, Found& found) {
  auto& verdicts = found[one.name];
  const auto rank = rank_of(one, path);
  verdicts.kinds[rank] &= log::kind_of_function(one.name, path);
  verdicts.others += rank == generic ? 1 : 0;
}

namespace {

using Add = std::function<void(const Definition&, const std::string&)>;

void add_file(const stdfs::path& file, const std::string& path, const Add& add) {
  const bool assembly = path.ends_with(".S");
  if (!assembly && !path.ends_with(".c") && !path.ends_with(".h")) return;
  const auto text = read_file(file);
  if (!text) return;
  for (const auto& one : assembly ? defined_in_assembly(*text) : defined_in_c(*text)) add(one, path);
}

// The kind of what a trace most likely means by the name.
unsigned kind_of(const Verdicts& verdicts) {
  constexpr std::size_t few = 8;  // in four releases: names that many files have are words, not functions
  auto kinds = verdicts.kinds;
  if (verdicts.others > few && kinds[core] == ~0U) {
    kinds[generic] &= kinds[lib] & kinds[core_static];
    kinds[lib] = kinds[core_static] = ~0U;
  }
  // A library's static function and another of the core, both infrastructure: either may be meant.
  const auto other = kinds[core] != ~0U ? kinds[core] : kinds[core_static];
  if (kinds[lib] != ~0U && kinds[lib] != 0 && other != ~0U && other != 0) kinds[lib] |= other;
  const auto kind = std::find_if(kinds.begin(), kinds.end(), [](unsigned one) { return one != ~0U; });
  return kind == kinds.end() ? 0 : *kind;
}

}  // namespace

void add_source(const stdfs::path& source, const Add& add) {
  for (const auto& entry : stdfs::recursive_directory_iterator(source)) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    const auto path = entry.path().lexically_relative(source).string();
    if (!is_apart(path) && is_read(path)) add_file(entry.path(), path, add);
  }
}

std::vector<log::NamedKind> infrastructure(const Found& found) {
  std::vector<log::NamedKind> out;
  for (const auto& [name, verdicts] : found) {
    const unsigned kind = kind_of(verdicts);
    if (kind != 0 && name.size() > 2) out.push_back({name, kind});
  }
  return out;
}

}  // namespace hangar::functions
