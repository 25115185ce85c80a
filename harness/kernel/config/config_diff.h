// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/kernel/config/fragment.h"
#include "harness/kernel/config/kconfig.h"

// What differs between two configurations, in the terms of menuconfig. The tree's scripts/diffconfig compares
// lines of .config: it knows neither prompts, menus nor choices, and does not separate answers from what
// follows from them.
namespace hangar::kernel {

struct ConfigSide {
  Config config;
  std::optional<Kconfig> kconfig;  // of its source; nothing when that is not at hand
};

// A question that was answered differently. A value is "y", "m", "n", a number or a quoted text; of a choice
// the symbol that was chosen; nothing when the side has no such question.
struct ConfigChange {
  std::vector<std::string> menu;  // titles, outermost first
  std::string symbol;             // without CONFIG_; "" of a choice
  std::string prompt;             // of the symbol or the choice; "" when no Kconfig is at hand
  std::optional<std::string> a;
  std::optional<std::string> b;
};

struct ConfigDiff {
  std::vector<ConfigChange> asked;  // by menu, then by symbol
  std::vector<ConfigChange>
      derived;  // symbols without a prompt: they follow from others, or from the compiler
};

// A bool that one side lacks and the other has as "n" is not a difference.
[[nodiscard]] ConfigDiff diff_configs(const ConfigSide& a, const ConfigSide& b);

}  // namespace hangar::kernel
