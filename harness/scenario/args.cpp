// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/args.h"

#include "harness/base/yaml.h"

namespace hangar::scenario {

Result<std::vector<std::pair<std::string, std::string>>> read_args(const Yaml& yaml) {
  std::vector<std::pair<std::string, std::string>> args;
  const auto given = yaml.get("args");
  if (!given) return args;
  if (!given->is_map()) return given->error("expected `name: value` pairs here");
  for (const auto& [key, value] : given->entries()) {
    TRY_ASSIGN(std::string text, value.text());
    args.emplace_back(key, std::move(text));
  }
  return args;
}

}  // namespace hangar::scenario
