// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

// Config fragments and .config files: symbols and the values asked for or granted.
namespace hangar::kernel {

// Symbol without CONFIG_ -> value as written ("y", "16", "\"text\""); "n" for `# CONFIG_X is not set`.
using Config = std::map<std::string, std::string>;

struct Fragment {
  std::string name;  // "base"
  std::string text;
  Config asked;
};

// A line that is neither a comment nor an assignment is an error with `name` and its line number.
[[nodiscard]] Result<Config> parse_config(std::string_view text, const std::string& name);
[[nodiscard]] Result<Fragment> load_fragment(const std::string& folder, const std::string& name);

// `config` (the text of a .config) with what the fragments ask in place of what it says; later ones win.
[[nodiscard]] std::string merge_config(std::string_view config, const std::vector<Fragment>& fragments);

struct Refusal {
  std::string symbol;   // without CONFIG_
  std::string asked;    // by the last fragment that names it
  std::string granted;  // "n" when the symbol is not in the .config
  std::string fragment;
};
// What the .config that came out denies. Asking for "n" is met by a symbol that is not there.
[[nodiscard]] std::vector<Refusal> refused(const std::vector<Fragment>& fragments, const Config& granted);

}  // namespace hangar::kernel
