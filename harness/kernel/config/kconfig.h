// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/kernel/config/fragment.h"

// As much of the Kconfig language as it takes to say why a symbol did not get its value, and what it means to
// users. Nothing is decided by it: that stays with the kernel's own `conf`, whose --listnewconfig lists
// symbols without reasons. kconfiglib 14.1 has them, but fails on the tree of 6.1 ("couldn't parse
// 'modules'"), is Python, and runs the tree's shell macros.
namespace hangar::kernel {

struct KconfigSymbol {
  struct Definition {
    std::vector<std::string> conditions;  // `depends on`, and the menus and ifs around it
    bool has_prompt = false;
    std::string prompt;             // "XFS filesystem support"; "" when there is none
    std::vector<std::string> menu;  // titles, outermost first
    std::string choice;             // the title of the choice that it is one answer of, or ""
  };
  std::vector<Definition> definitions;
  std::vector<std::string> selected_by;  // symbols
};

struct Kconfig {
  std::map<std::string, KconfigSymbol> symbols;
};

// The text of a file below the tree, or nothing.
using KconfigFiles = std::function<std::optional<std::string>(const std::string& path)>;
// Reads `Kconfig` and all that it sources, with SRCARCH=x86.
[[nodiscard]] Kconfig read_kconfig(const KconfigFiles& files);
[[nodiscard]] Kconfig read_kconfig(const fs::path& tree);

// y, m or n of an expression under a config. Macros in $(...) count as unmet only where they say "n".
[[nodiscard]] char evaluate(std::string_view expression, const Config& config);
// The parts of a conjunction that are not met: "BAR && (A || B)" with BAR off gives {"BAR"}.
[[nodiscard]] std::vector<std::string> unmet_terms(std::string_view expression, const Config& config);

// One clause with the reason: "it needs PCI, which is off", "no such symbol in this version (did you mean
// ...)".
[[nodiscard]] std::string explain(const Kconfig& kconfig, const Refusal& refusal, const Config& granted);

}  // namespace hangar::kernel
