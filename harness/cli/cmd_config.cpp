// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/kernel/config/config_lookup.h"
#include "harness/kernel/spec/spec_diff.h"

namespace hangar::cli {
namespace {

using kernel::ConfigChange;
using kernel::ConfigDiff;
using nlohmann::ordered_json;

constexpr const char* about =
    "`hangar config diff A B` shows how the configurations of two kernels differ:\n"
    "the questions with different answers, by menu, with their prompts. Symbols\n"
    "that only follow from those are counted; --all lists them. For two kernel\n"
    "specs, different sources, patch series and command lines are listed too.\n"
    "A and B are kernel specs, .config files, or build folders that have one.";
constexpr const char* example =
    "  hangar config diff v6.1 v6.12\n"
    "  hangar config diff v6.1 ~/linux/.config --all";

ordered_json to_json(const std::vector<ConfigChange>& changes) {
  ordered_json list = ordered_json::array();
  for (const ConfigChange& change : changes) {
    list.push_back({{"menu", change.menu},
                    {"symbol", or_null(change.symbol)},
                    {"prompt", or_null(change.prompt)},
                    {"a", or_null(change.a)},
                    {"b", or_null(change.b)}});
  }
  return list;
}

std::string shown(const std::optional<std::string>& value) {
  return value.value_or("-");
}

void print_changes(const Terminal& terminal, const std::vector<ConfigChange>& changes, const std::string& a,
                   const std::string& b) {
  std::vector<std::vector<TableCell>> rows;
  const std::vector<std::string>* menu = nullptr;
  const auto flush = [&] {
    if (rows.empty()) return;
    const std::string title = menu->empty() ? "(no menu)" : join(*menu, " > ");
    print_out("{}\n{}\n", terminal.paint(Color::bold, sanitize_for_terminal(title)),
              render_table(terminal, {"symbol", a, b, "prompt"}, rows, terminal.width()));
    rows.clear();
  };
  for (const ConfigChange& change : changes) {
    if (menu != nullptr && *menu != change.menu) flush();
    menu = &change.menu;
    rows.push_back({{change.symbol.empty() ? "(choice)" : change.symbol},
                    {shown(change.a)},
                    {shown(change.b)},
                    {change.prompt}});
  }
  flush();
}

void print_plain(const Terminal& terminal, const ConfigDiff& diff, const std::string& a, const std::string& b,
                 bool all) {
  print_changes(terminal, diff.asked, a, b);
  if (all && !diff.derived.empty()) {
    print_out("Without a prompt: these follow from others, or from the compiler and the version\n");
    for (const ConfigChange& change : diff.derived) {
      print_out("  {}: {} -> {}\n", sanitize_for_terminal(change.symbol),
                sanitize_for_terminal(shown(change.a)), sanitize_for_terminal(shown(change.b)));
    }
  }
  print_out("{} answers differ, and {} symbols that follow from them or have no prompt\n", diff.asked.size(),
            diff.derived.size());
}

// Of two kernel specs; a .config has none of this.
std::vector<kernel::SpecChange> spec_changes(const std::string& tree, const std::string& a,
                                             const std::string& b) {
  const auto spec_a = kernel::load_spec(tree, a);
  const auto spec_b = kernel::load_spec(tree, b);
  if (!spec_a || !spec_b) return {};
  return kernel::diff_specs(*spec_a, *spec_b);
}

ordered_json to_json(const std::vector<kernel::SpecChange>& changes) {
  ordered_json list = ordered_json::array();
  for (const auto& change : changes)
    list.push_back({{"what", change.what}, {"a", change.a}, {"b", change.b}});
  return list;
}

}  // namespace

Result<int> config_command(const Args& args) {
  Options options("config", about, example);
  std::vector<std::string> words;
  bool all = false;
  options.list("words", words, "`diff` and two kernels", "diff A B");
  options.flag("--all", all, "also list what has no prompt");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (!words.empty() && words[0] != "diff")
    return user_error(fmt::format("config cannot `{}`{}", words[0], did_you_mean(words[0], {"diff"})));
  if (words.size() != 3) return user_error("two kernels are needed: hangar config diff A B");
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(const Home home, options.common().home());
  TRY_ASSIGN(const auto named_a, kernel::find_config(tree, words[1]));
  TRY_ASSIGN(const auto named_b, kernel::find_config(tree, words[2]));
  Terminal terminal(options.common().quiet, options.common().no_color);
  const auto note = [&](const std::string& text) { terminal.say(text); };
  TRY_ASSIGN(const auto a, kernel::look_up_config(home.cache, named_a, note));
  TRY_ASSIGN(const auto b, kernel::look_up_config(home.cache, named_b, note));
  const ConfigDiff diff = kernel::diff_configs(a, b);
  const auto changes = spec_changes(tree, words[1], words[2]);
  if (options.common().json) {
    const ordered_json out = {{"schema", "hangar.config-diff/1"},
                              {"a", words[1]},
                              {"b", words[2]},
                              {"changes", to_json(diff.asked)},
                              {"derived", to_json(diff.derived)},
                              {"spec", to_json(changes)}};
    print_out("{}\n", json_text(out, 1));
    return 0;
  }
  constexpr size_t fits_a_column = 20;
  const bool names_fit = words[1].size() <= fits_a_column && words[2].size() <= fits_a_column;
  if (!names_fit) print_out("A: {}\nB: {}\n\n", words[1], words[2]);
  if (!a.kconfig && !b.kconfig) terminal.say("no source of these versions is at hand: prompts are not known");
  print_plain(terminal, diff, names_fit ? words[1] : "A", names_fit ? words[2] : "B", all);
  for (const auto& change : changes) {
    print_out("{} differ{}: {} -> {}\n", change.what, change.what == "patches" ? "" : "s",
              sanitize_for_terminal(change.a), sanitize_for_terminal(change.b));
  }
  return 0;
}

}  // namespace hangar::cli
