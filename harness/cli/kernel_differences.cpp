// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/kernel_differences.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/cli/kernel_text.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/config/config_lookup.h"

namespace hangar::cli {
namespace {

constexpr std::size_t most_symbols = 60;

// None: the kernel is not built, so that its configuration would have to be made first.
std::optional<kernel::ConfigSide> config_of(const std::string& tree, const std::string& name,
                                            const Home& home) {
  const auto spec = kernel::load_spec(tree, name);
  if (!spec) return std::nullopt;
  const auto built = kernel::Cache(home.cache).find(*spec);
  if (!built || !*built) return std::nullopt;
  const auto named = kernel::find_config(tree, name);
  if (!named) return std::nullopt;
  auto side = kernel::look_up_config(home.cache, *named, [](const std::string&) {});
  return side ? std::optional(std::move(*side)) : std::nullopt;
}

void add_config(const std::string& tree, const std::string& first, const std::string& second,
                const Home& home, std::vector<std::string>& lines) {
  const auto before = config_of(tree, first, home);
  const auto after = before ? config_of(tree, second, home) : std::nullopt;
  if (!after) return;
  const kernel::ConfigDiff diff = kernel::diff_configs(*before, *after);
  for (std::size_t i = 0; i < std::min(diff.asked.size(), most_symbols); ++i) {
    const kernel::ConfigChange& change = diff.asked[i];
    lines.push_back(fmt::format("CONFIG_{}: {} -> {}{}", change.symbol, change.a.value_or("-"),
                                change.b.value_or("-"),
                                change.prompt.empty() ? "" : " (" + change.prompt + ")"));
  }
  if (diff.asked.size() > most_symbols)
    lines.push_back(fmt::format("and {} more symbols", diff.asked.size() - most_symbols));
}

}  // namespace

std::vector<report::KernelDifference> kernel_differences(const std::vector<report::Cell>& cells,
                                                         const std::string& tree, const Home& home) {
  std::vector<report::KernelDifference> differences;
  const std::string& first = cells.front().kernel;
  for (const report::Cell& cell : cells) {
    const bool known = std::any_of(differences.begin(), differences.end(),
                                   [&](const auto& one) { return one.second == cell.kernel; });
    if (cell.kernel == first || known) continue;
    auto lines = spec_differences(tree, first, cell.kernel);
    add_config(tree, first, cell.kernel, home, lines);
    if (!lines.empty()) differences.push_back({first, cell.kernel, join(lines, "\n") + "\n"});
  }
  return differences;
}

}  // namespace hangar::cli
