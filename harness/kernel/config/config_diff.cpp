// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/config/config_diff.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace hangar::kernel {
namespace {

using Definition = KconfigSymbol::Definition;

// The definition that asks, else any.
const Definition* definition_of(const std::optional<Kconfig>& kconfig, const std::string& symbol) {
  if (!kconfig) return nullptr;
  const auto found = kconfig->symbols.find(symbol);
  if (found == kconfig->symbols.end() || found->second.definitions.empty()) return nullptr;
  for (const Definition& definition : found->second.definitions)
    if (definition.has_prompt) return &definition;
  return &found->second.definitions.front();
}

std::optional<std::string> value_of(const ConfigSide& side, const std::string& symbol) {
  const auto found = side.config.find(symbol);
  if (found == side.config.end()) return std::nullopt;
  return found->second;
}

bool is_switch(const std::optional<std::string>& value) {
  return value && (*value == "y" || *value == "m" || *value == "n");
}

class Differ {
 public:
  Differ(const ConfigSide& a, const ConfigSide& b) : a_(a), b_(b) {}

  ConfigDiff diff() {
    std::set<std::string> symbols;
    for (const auto* side : {&a_, &b_})
      for (const auto& [symbol, value] : side->config) symbols.insert(symbol);
    for (const auto& symbol : symbols) compare(symbol);
    for (auto& [title, change] : choices_)
      if (change.a != change.b) diff_.asked.push_back(std::move(change));
    std::stable_sort(diff_.asked.begin(), diff_.asked.end(), [](const auto& x, const auto& y) {
      return std::tie(x.menu, x.symbol) < std::tie(y.menu, y.symbol);
    });
    return std::move(diff_);
  }

 private:
  void compare(const std::string& symbol) {
    const Definition* definition = definition_of(a_.kconfig, symbol);
    if (definition == nullptr || !definition->has_prompt) {
      const Definition* other = definition_of(b_.kconfig, symbol);
      if (other != nullptr && (definition == nullptr || other->has_prompt)) definition = other;
    }
    auto a = value_of(a_, symbol);
    auto b = value_of(b_, symbol);
    if (definition != nullptr && !definition->choice.empty()) return choose(*definition, symbol, a, b);
    // Not asked, hence off; of a version that has no such symbol that is not known.
    if (!a && is_switch(b) && knows(a_, symbol)) a = "n";
    if (!b && is_switch(a) && knows(b_, symbol)) b = "n";
    if (a == b || (a.value_or("n") == "n" && b.value_or("n") == "n")) return;
    ConfigChange change{{}, symbol, {}, std::move(a), std::move(b)};
    if (definition != nullptr) {
      change.menu = definition->menu;
      change.prompt = definition->prompt;
    }
    const bool follows = definition != nullptr && !definition->has_prompt;
    (follows ? diff_.derived : diff_.asked).push_back(std::move(change));
  }

  static bool knows(const ConfigSide& side, const std::string& symbol) {
    return !side.kconfig || definition_of(side.kconfig, symbol) != nullptr;
  }

  void choose(const Definition& definition, const std::string& symbol, const std::optional<std::string>& a,
              const std::optional<std::string>& b) {
    auto& change = choices_[{definition.menu, definition.choice}];
    change.menu = definition.menu;
    change.prompt = definition.choice;
    if (a == "y") change.a = symbol;
    if (b == "y") change.b = symbol;
  }

  const ConfigSide& a_;
  const ConfigSide& b_;
  ConfigDiff diff_;
  std::map<std::pair<std::vector<std::string>, std::string>, ConfigChange> choices_;
};

}  // namespace

ConfigDiff diff_configs(const ConfigSide& a, const ConfigSide& b) {
  return Differ(a, b).diff();
}

}  // namespace hangar::kernel
