// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <chrono>
#include <set>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/list_runs.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/kernel/spec/overview.h"
#include "harness/scenario/scenario.h"

namespace hangar::cli {
namespace {

using nlohmann::ordered_json;

struct Listing {
  std::vector<std::string> head;
  std::vector<std::vector<TableCell>> rows;
  ordered_json json = ordered_json::array();
};

std::int64_t age_s(std::int64_t unix) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(now).count() - unix);
}

void add_kernel(const kernel::Spec& spec, const kernel::Overview& overview, Listing& listing) {
  using State = kernel::Overview::State;
  const bool wrong = overview.state == State::broken || overview.state == State::damaged;
  const Color color = wrong ? Color::red : overview.state == State::built ? Color::green : Color::none;
  const auto null_or = [](bool known, const ordered_json& value) { return known ? value : ordered_json(); };
  listing.rows.push_back({{spec.name},
                          {overview.version.empty() ? "-" : overview.version},
                          {std::string(word(overview.state)), color},
                          {overview.bytes == 0 ? "-" : format_size(overview.bytes)},
                          {overview.built_unix ? kernel::format_age(age_s(*overview.built_unix)) : "-"},
                          {wrong                  ? overview.problem
                           : spec.patches.empty() ? "-"
                                                  : join(spec.patches, ", ")}});
  listing.json.push_back(
      {{"name", spec.name},
       {"about", spec.about},
       {"source", kernel::describe(spec.source)},
       {"version", null_or(!overview.version.empty(), overview.version)},
       {"config", spec.config},
       {"series", spec.patches},
       {"cmdline", spec.cmdline},
       {"cache", word(overview.state)},
       {"key", null_or(!overview.key.empty(), overview.key)},
       {"size_bytes", null_or(overview.bytes != 0, overview.bytes)},
       {"built_unix", null_or(overview.built_unix.has_value(), overview.built_unix.value_or(0))},
       {"problem", null_or(!overview.problem.empty(), overview.problem)}});
}

// The spec files, and the composed kernels that scenarios name.
std::vector<std::string> kernel_names(const std::string& tree) {
  std::vector<std::string> names = kernel::spec_names(tree);
  std::set<std::string> composed;
  for (const std::string& name : scenario::list_scenarios(tree, scenario::Listed::all)) {
    const auto scenario = scenario::load_scenario(tree, name);
    for (const std::string& kernel : scenario ? all_kernels(*scenario) : std::vector<std::string>())
      if (kernel.find('+') != std::string::npos) composed.insert(kernel);
  }
  names.insert(names.end(), composed.begin(), composed.end());
  return names;
}

// A spec that cannot be read is a row like the others: one bad file must not hide the rest.
Result<Listing> list_kernels(const Home& home) {
  Listing listing{{"kernel", "version", "cache", "size", "age", "series"}, {}};
  TRY_ASSIGN(const std::string tree, need_source_tree());
  for (const std::string& name : kernel_names(tree)) {
    const auto spec = kernel::load_spec(tree, name);
    if (spec) {
      add_kernel(*spec, kernel::overview_of(home.cache, *spec), listing);
      continue;
    }
    kernel::Overview overview;
    overview.state = kernel::Overview::State::broken;
    overview.problem = spec.error().message;
    kernel::Spec unread;
    unread.name = name;
    add_kernel(unread, overview, listing);
  }
  return listing;
}

// As list_kernels(): a scenario that cannot be read is a row too.
Result<Listing> list_scenarios(bool all) {
  Listing listing{{"scenario", "about [kernels]"}, {}};
  TRY_ASSIGN(const std::string tree, need_source_tree());
  const auto which = all ? scenario::Listed::all : scenario::Listed::reproducers;
  for (const std::string& name : scenario::list_scenarios(tree, which)) {
    const auto scenario = scenario::load_scenario(tree, name);
    if (!scenario) {
      listing.rows.push_back({{name}, {"unreadable: " + scenario.error().message, Color::red}});
      listing.json.push_back({{"name", name},
                              {"kernels", nullptr},
                              {"matrix", nullptr},
                              {"about", nullptr},
                              {"problem", scenario.error().message}});
      continue;
    }
    listing.rows.push_back(
        {{name}, {fmt::format("{} [{}]", scenario->about, join(scenario->kernels, ", "))}});
    listing.json.push_back({{"name", name},
                            {"kernels", scenario->kernels},
                            {"matrix", scenario->matrix},
                            {"about", scenario->about},
                            {"problem", nullptr}});
  }
  return listing;
}

Result<void> check_words(const std::string& what, bool all, const RunsAsked& runs) {
  const std::vector<std::string> known = {"kernels", "scenarios", "runs"};
  if (all && what != "scenarios") return user_error("--all requires `scenarios`");
  if (std::find(known.begin(), known.end(), what) == known.end()) {
    return user_error(
        fmt::format("cannot list `{}`{}; expected {}", what, did_you_mean(what, known), join(known, ", ")));
  }
  if (what != "runs" && !runs.first_given().empty())
    return user_error(runs.first_given() + " requires `runs`");
  return {};
}

// One of the two: hangar.list/1, or a table.
void print(const std::string& what, const ordered_json& list, const std::string& table) {
  if (list.is_null()) return print_out("{}", table);
  print_out("{}\n", json_text(ordered_json({{"schema", "hangar.list/1"}, {what, list}}), 1));
}

}  // namespace

Result<int> list_command(const Args& args) {
  Options options("list", "Lists kernels, scenarios, or stored runs, the newest first.",
                  "  hangar list kernels\n  hangar list runs --json\n"
                  "  hangar list runs --hung --since 7d\n  hangar list runs --crash KASAN --kernel ./linux");
  std::string what;
  bool all = false;
  RunsAsked runs;
  options.value("what", what, "what to list", "kernels|scenarios|runs");
  options.required("what");
  options.flag("--all", all, "scenarios: include those that test Hangar itself (tests/guests/)");
  runs.add_to(options);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY(check_words(what, all, runs));
  TRY_ASSIGN(const Home home, options.common().home());
  Terminal terminal(options.common().quiet, options.common().no_color);
  const bool json = options.common().json;
  if (what == "runs") {
    TRY_ASSIGN(const RunsFound found, find_runs(home, runs, terminal));
    print(what, json ? runs_json(found) : ordered_json(),
          json ? "" : runs_table(terminal, found, terminal.width()));
    return 0;
  }
  TRY_ASSIGN(const Listing listed, what == "kernels" ? list_kernels(home) : list_scenarios(all));
  print(what, json ? listed.json : ordered_json(),
        json ? "" : render_table(terminal, listed.head, listed.rows, terminal.width()));
  return 0;
}

}  // namespace hangar::cli
