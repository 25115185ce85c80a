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
    "Compares the configurations of two kernels. Prints the symbols with different values by menu, with "
    "their "
    "prompts, and counts the symbols without a prompt. Of two kernel specs, sources, patch series and "
    "command "
    "lines are compared too.";
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
    print_out("Symbols without a prompt (derived from others, the compiler and the version):\n");
    for (const ConfigChange& change : diff.derived) {
      print_out("  {}: {} -> {}\n", sanitize_for_terminal(change.symbol),
                sanitize_for_terminal(shown(change.a)), sanitize_for_terminal(shown(change.b)));
    }
  }
  print_out("{} symbols with a prompt differ, {} without\n", diff.asked.size(), diff.derived.size());
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
  std::string action;
  std::string name_a;
  std::string name_b;
  bool all = false;
  options.value("action", action, "what to do", "diff");
  options.value("a", name_a, "kernel spec, .config file, or build folder that has one", "KERNEL|PATH");
  options.value("b", name_b, "the configuration to compare with", "KERNEL|PATH");
  for (const char* name : {"action", "a", "b"}) options.required(name);
  options.flag("--all", all, "list symbols without a prompt too (default: count them)");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (action != "diff") {
    return user_error(
        fmt::format("unknown config action `{}`{}; expected diff", action, did_you_mean(action, {"diff"})));
  }
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(const Home home, options.common().home());
  TRY_ASSIGN(const auto named_a, kernel::find_config(tree, name_a));
  TRY_ASSIGN(const auto named_b, kernel::find_config(tree, name_b));
  Terminal terminal(options.common().quiet, options.common().no_color);
  const auto note = [&](const std::string& text) { terminal.say(text); };
  TRY_ASSIGN(const auto a, kernel::look_up_config(home.cache, named_a, note));
  TRY_ASSIGN(const auto b, kernel::look_up_config(home.cache, named_b, note));
  const ConfigDiff diff = kernel::diff_configs(a, b);
  const auto changes = spec_changes(tree, name_a, name_b);
  if (options.common().json) {
    const ordered_json out = {{"schema", "hangar.config-diff/1"},
                              {"a", name_a},
                              {"b", name_b},
                              {"changes", to_json(diff.asked)},
                              {"derived", to_json(diff.derived)},
                              {"spec", to_json(changes)}};
    print_out("{}\n", json_text(out, 1));
    return 0;
  }
  constexpr size_t fits_a_column = 20;
  const bool names_fit = name_a.size() <= fits_a_column && name_b.size() <= fits_a_column;
  if (!names_fit) print_out("A: {}\nB: {}\n\n", name_a, name_b);
  if (!a.kconfig && !b.kconfig)
    terminal.say("prompts are unknown: the cache has no source of these versions");
  print_plain(terminal, diff, names_fit ? name_a : "A", names_fit ? name_b : "B", all);
  for (const auto& change : changes) {
    print_out("{} differ{}: {} -> {}\n", change.what, change.what == "patches" ? "" : "s",
              sanitize_for_terminal(change.a), sanitize_for_terminal(change.b));
  }
  return 0;
}

}  // namespace hangar::cli
