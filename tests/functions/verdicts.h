// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/log/crash/functions.h"
#include "tests/functions/scan.h"

// From the functions that kernel sources define to the kinds of their names.
namespace hangar::functions {

// What the files that define a name say. A function of the core is the one in a trace, whatever static
// functions or replacements drivers have; a header's is a stub where a source file has another; architectures
// matter where there are no others.
enum Rank : std::size_t { lib, core, core_static, generic, header, arch, ranks };
struct Verdicts {
  std::array<unsigned, ranks> kinds{~0U, ~0U, ~0U, ~0U, ~0U, ~0U};
  std::size_t others = 0;  // files of rank generic
};
using Found = std::map<std::string, Verdicts>;

void add_definition(const Definition& one, std::string_view path, Found& found);

// Calls `add` for each function of the sources in a folder, but for programs and boot loaders.
void add_source(const std::filesystem::path& source,
                const std::function<void(const Definition&, const std::string& path)>& add);

[[nodiscard]] std::vector<log::NamedKind> infrastructure(const Found& found);

}  // namespace hangar::functions
