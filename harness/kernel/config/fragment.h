// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/kernel/source/version.h"

// Config fragments and .config files: symbols and the values asked for or granted.
namespace hangar::kernel {

// Symbol without CONFIG_ -> value as written ("y", "16", "\"text\""); "n" for `# CONFIG_X is not set`.
using Config = std::map<std::string, std::string>;

// Lines between `#if RANGE` and `#endif` count for kernels of these versions only; to any other reader both
// are comments.
struct Fragment {
  std::string name;  // "base"
  std::string text;
  Config asked;
};

// A line that is neither a comment nor an assignment is an error with `name` and its line number.
[[nodiscard]] Result<Config> parse_config(std::string_view text, const std::string& name);
// The whole fragment; `asked` is what any version is asked for. Conditions have been checked.
[[nodiscard]] Result<Fragment> load_fragment(const std::string& folder, const std::string& name);
// What counts for one version: a fragment without conditions is the same for all.
[[nodiscard]] Result<Fragment> fragment_for(const Fragment& fragment, const Version& version);
// `text` without the lines that do not count for `version`, nor the conditions themselves. Given no version,
// it only checks the conditions.
[[nodiscard]] Result<std::string> select_lines(std::string_view text, const std::string& name,
                                               const Version& version);

// `config` (the text of a .config) with the values that the fragments set; later ones win.
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
