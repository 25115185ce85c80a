// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/config/fragment.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/fs.h"
#include "harness/base/text.h"

namespace hangar::kernel {
namespace {

constexpr std::string_view prefix = "CONFIG_";
constexpr std::string_view not_set = " is not set";

bool is_symbol(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
             std::string_view::npos;
}

struct Assignment {
  std::string_view symbol;
  std::string_view value;
};

std::optional<Assignment> assignment_of(std::string_view line) {
  line = trim(line);
  if (line.substr(0, 2) == "# " && line.size() > 2 + not_set.size() &&
      line.substr(line.size() - not_set.size()) == not_set) {
    std::string_view symbol = line.substr(2, line.size() - 2 - not_set.size());
    if (symbol.substr(0, prefix.size()) != prefix) return std::nullopt;
    symbol.remove_prefix(prefix.size());
    if (is_symbol(symbol)) return Assignment{symbol, "n"};
    return std::nullopt;
  }
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos || line.substr(0, prefix.size()) != prefix) return std::nullopt;
  const std::string_view symbol = line.substr(prefix.size(), equals - prefix.size());
  if (!is_symbol(symbol) || equals + 1 == line.size()) return std::nullopt;
  return Assignment{symbol, line.substr(equals + 1)};
}

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& name) {
  Config config;
  size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (const auto found = assignment_of(line)) {
      config[std::string(found->symbol)] = found->value;
      continue;
    }
    const std::string_view rest = trim(line);
    if (rest.empty() || rest[0] == '#') continue;
    return user_error(fmt::format("{}:{}: expected `CONFIG_X=y` or `# CONFIG_X is not set`", name, number),
                      "  " + sanitize_for_terminal(rest));
  }
  return config;
}

Result<Fragment> load_fragment(const std::string& folder, const std::string& name) {
  const fs::path path = fs::path(folder) / (name + ".config");
  TRY_ASSIGN(std::string text, read_file(path));
  TRY(select_lines(text, path.string(), {}));
  TRY_ASSIGN(Config asked, parse_config(text, path.string()));
  return Fragment{name, std::move(text), std::move(asked)};
}

Result<std::string> select_lines(std::string_view text, const std::string& name, const Version& version) {
  constexpr std::string_view opening = "#if ";
  constexpr std::string_view closing = "#endif";
  std::string selected;
  std::optional<bool> inside;  // whether the lines of the open condition count
  size_t number = 0;
  const auto complain = [&](const std::string& what) {
    return user_error(fmt::format("{}:{}: {}", name, number, what));
  };
  while (!text.empty()) {
    ++number;
    const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    text.remove_prefix(line.size());
    const std::string_view word = trim(line);
    if (word.substr(0, opening.size()) == opening) {
      if (inside)
        return complain("a condition inside of another is not supported: end the first with `#endif`");
      auto range = parse_range(word.substr(opening.size()));
      if (!range) return complain(range.error().message);
      inside = range->contains(version);
    } else if (word == closing) {
      if (!inside) return complain("`#endif` without `#if`");
      inside.reset();
    } else if (inside.value_or(true)) {
      selected += line;
    }
  }
  if (inside) return complain("the last `#if` has no `#endif`");
  return selected;
}

Result<Fragment> fragment_for(const Fragment& fragment, const Version& version) {
  TRY_ASSIGN(std::string text, select_lines(fragment.text, fragment.name, version));
  TRY_ASSIGN(Config asked, parse_config(text, fragment.name));
  return Fragment{fragment.name, std::move(text), std::move(asked)};
}

std::string merge_config(std::string_view config, const std::vector<Fragment>& fragments) {
  Config asked;
  for (const auto& fragment : fragments)
    for (const auto& [symbol, value] : fragment.asked) asked[symbol] = value;
  std::string merged;
  for (const std::string_view line : split(config, '\n')) {
    const auto found = assignment_of(line);
    if (found && asked.count(std::string(found->symbol)) != 0) continue;
    merged.append(line).append("\n");
  }
  for (const auto& [symbol, value] : asked) {
    merged += value == "n" ? fmt::format("# {}{}{}\n", prefix, symbol, not_set)
                           : fmt::format("{}{}={}\n", prefix, symbol, value);
  }
  return merged;
}

std::vector<Refusal> refused(const std::vector<Fragment>& fragments, const Config& granted) {
  std::map<std::string, Refusal> asked;
  for (const auto& fragment : fragments)
    for (const auto& [symbol, value] : fragment.asked) asked[symbol] = {symbol, value, "n", fragment.name};
  std::vector<Refusal> all;
  for (auto& [symbol, refusal] : asked) {
    if (const auto found = granted.find(symbol); found != granted.end()) refusal.granted = found->second;
    if (refusal.granted != refusal.asked) all.push_back(refusal);
  }
  return all;
}

}  // namespace hangar::kernel
