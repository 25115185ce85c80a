// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/config/fragment.h"
#include "harness/kernel/config/kconfig.h"
#include "tests/fuzz/fuzz.h"

// Kconfig files and configurations: the first half of the input is read as a Kconfig that may source the
// second half, and as a configuration. A merged configuration grants what its fragment asks.
using namespace hangar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto first = bytes.substr(0, size / 2);
  const auto kconfig = kernel::read_kconfig([&](const std::string& path) -> std::optional<std::string> {
    if (path == "Kconfig") return std::string(bytes);
    return path.size() % 2 == 0 ? std::optional(std::string(first)) : std::nullopt;
  });
  const kernel::Config config = {{"ON", "y"}, {"MOD", "m"}, {"TEXT", "\"abc\""}};
  bool deep = false;
  for (const auto& [name, symbol] : kconfig.symbols) {
    for (const auto& definition : symbol.definitions) {
      for (const auto& condition : definition.conditions) {
        (void)kernel::evaluate(condition, config);
        (void)kernel::unmet_terms(condition, config);
      }
      deep =
          deep || (definition.menu.size() > 2 && !definition.choice.empty() && !symbol.selected_by.empty());
    }
    (void)kernel::explain(kconfig, {name, "y", "n", "base"}, config);
  }
  fuzz::planted(deep);
  (void)kernel::evaluate(first, config);
  if (const auto parsed = kernel::parse_config(bytes, "input")) {
    const kernel::Fragment fragment{"input", std::string(bytes), *parsed};
    const std::string merged = kernel::merge_config("# CONFIG_ON is not set\nCONFIG_MOD=m\n", {fragment});
    const auto again = kernel::parse_config(merged, "merged");
    fuzz::must(static_cast<bool>(again), "a merged configuration is not read", merged);
    fuzz::must(kernel::refused({fragment}, *again).empty(), "a merged configuration lost a line", merged,
               bytes);
  }
  (void)kernel::select_lines(bytes, "input", {6, 1, 20});
  return 0;
}
