// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/scenario.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/home.h"
#include "harness/base/kernel_name.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/scenario/args.h"
#include "harness/scenario/expect.h"
#include "harness/scenario/sequence.h"

namespace hangar::scenario {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// `selftests: [cgroup]`, with `command` in place of the script that runs all that is there.
Result<Reproducer> read_selftests(const Yaml& yaml, const Yaml& suites) {
  if (yaml.get("program") || yaml.get("args"))
    return suites.error("`selftests` and `program` are mutually exclusive: remove one of them");
  Reproducer reproducer;
  reproducer.command = "./run_kselftest.sh";
  if (yaml.get("command")) {
    TRY_ASSIGN(reproducer, read_program(yaml));
  }
  for (const Yaml& item : suites.items()) {
    TRY_ASSIGN(std::string name, item.name());
    reproducer.selftests.push_back(std::move(name));
  }
  if (reproducer.selftests.empty()) return suites.error("expected the names of selftests, such as [cgroup]");
  return reproducer;
}

// `reproducer`, or `sequence` and `order`.
Result<void> read_programs(const Yaml& yaml, Scenario& scenario) {
  const auto sequence = yaml.get("sequence");
  const auto order = yaml.get("order");
  if (!sequence) {
    if (order) return order->error("`order` requires a `sequence`");
    TRY_ASSIGN(const Yaml reproducer, yaml.need("reproducer"));
    TRY(reproducer.only_keys({"program", "args", "command", "selftests"}));
    const auto selftests = reproducer.get("selftests");
    TRY_ASSIGN(scenario.reproducer,
               selftests ? read_selftests(reproducer, *selftests) : read_program(reproducer));
    return {};
  }
  if (yaml.get("reproducer"))
    return sequence->error("`sequence` and `reproducer` are mutually exclusive: remove one of them");
  TRY_ASSIGN(scenario.sequence, read_sequence(*sequence));
  if (order) {
    TRY_ASSIGN(scenario.order, order->one_of<Order>());
  }
  return {};
}

constexpr std::array<std::pair<Act, const char*>, 3> act_names = {
    {{Act::vcpus, "vcpus"}, {Act::nmi, "nmi"}, {Act::dump, "dump"}}};

Result<std::vector<Act>> read_acts(const Yaml& yaml) {
  std::vector<Act> acts;
  for (const Yaml& item : yaml.items()) {
    TRY_ASSIGN(const std::string word, item.one_of({"vcpus", "nmi", "dump"}));
    acts.push_back(*act_from(word));
  }
  return acts;
}

// Documentation/admin-guide/sysrq.rst, without what only other architectures have (x, y).
constexpr std::string_view sysrq_keys = "0123456789bcdefghijklmnopqrstuvwz";

Result<std::string> read_keys(const Yaml& yaml) {
  TRY_ASSIGN(std::string keys, yaml.text());
  const size_t wrong = keys.find_first_not_of(sysrq_keys);
  if (wrong == std::string::npos) return keys;
  return yaml.error(fmt::format("`{}` is not a SysRq key: the keys are 0-9, b-w and z",
                                sanitize_for_terminal(keys.substr(wrong, 1))));
}

// Beyond a day there is a slip in the unit.
constexpr milliseconds longest_time = std::chrono::hours(24);

Result<void> read_duration(const Yaml& yaml, const std::string& key, milliseconds least, milliseconds& into) {
  if (const auto value = yaml.get(key)) {
    TRY_ASSIGN(into, value->duration());
    if (into < least) return value->error("expected a time above zero");
    if (into > longest_time) return value->error("expected at most 24h");
  }
  return {};
}

Result<RunRules> read_run(const Yaml& yaml) {
  TRY(yaml.only_keys({"repeat", "deadline", "boot-deadline", "idle-deadline", "hang-threshold", "on-hang",
                      "boot", "exclusive"}));
  RunRules rules;
  rules.on_hang = standard_ladder();
  if (const auto repeat = yaml.get("repeat")) {
    TRY_ASSIGN(const std::int64_t count, repeat->integer());
    if (count < 1 || count > 100000) return repeat->error("expected 1 to 100000 repeats");
    rules.repeat = static_cast<int>(count);
  }
  TRY(read_duration(yaml, "deadline", milliseconds(1), rules.deadline));
  TRY(read_duration(yaml, "boot-deadline", milliseconds(1), rules.boot_deadline));
  TRY(read_duration(yaml, "idle-deadline", milliseconds(1), rules.idle_deadline));
  TRY(read_duration(yaml, "hang-threshold", milliseconds(1), rules.hang_threshold));
  if (const auto ladder = yaml.get("on-hang")) {
    TRY_ASSIGN(rules.on_hang, read_ladder(*ladder));
  }
  if (const auto boot = yaml.get("boot")) {
    TRY_ASSIGN(rules.boot, boot->one_of<BootMode>());
  }
  if (const auto exclusive = yaml.get("exclusive")) {
    TRY_ASSIGN(rules.exclusive, exclusive->boolean());
  }
  return rules;
}

Result<void> check_kernels(const Yaml& group, const std::vector<std::string>& known) {
  const auto kernels = group.get("kernels");
  if (!kernels) return {};
  for (const Yaml& item : kernels->items()) {
    TRY_ASSIGN(const std::string written, item.text());
    const std::string name = current_kernel_name(written);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return item.error(
          fmt::format("`{}` is not among this scenario's kernels{}", name, did_you_mean(name, known)));
    }
  }
  return {};
}

// Adds the names in `yaml` to `into`, and to `known`, which has none of them yet.
Result<void> add_kernels(const Yaml& yaml, std::set<std::string>& known, std::vector<std::string>& into) {
  for (const Yaml& item : yaml.items()) {
    TRY_ASSIGN(const std::string written, item.text());
    const std::string name = current_kernel_name(written);
    if (!known.insert(name).second) return item.error(fmt::format("duplicate kernel `{}`", name));
    into.push_back(name);
  }
  return {};
}

Result<void> read_kernels(const Yaml& yaml, Scenario& scenario) {
  std::set<std::string> known;
  TRY_ASSIGN(const Yaml kernels, yaml.need("kernels"));
  TRY(add_kernels(kernels, known, scenario.kernels));
  if (const auto matrix = yaml.get("matrix")) {
    TRY(add_kernels(*matrix, known, scenario.matrix));
  }
  return {};
}

Result<void> check_default(const Yaml& yaml, const verdict::ExpectationGroup& group,
                           const std::vector<verdict::ExpectationGroup>& before) {
  const auto key = yaml.get("as-default");
  if (!group.as_default || !key) return {};
  if (group.kernels.empty())
    return key->error("a group without `kernels` applies to all kernels: it cannot be the default");
  const bool second =
      std::any_of(before.begin(), before.end(), [](const auto& one) { return one.as_default; });
  return second ? Result<void>(key->error("another group has `as-default: true` already")) : Result<void>();
}

Result<void> read_expect(const Yaml& yaml, Scenario& scenario) {
  const std::vector<std::string> known = all_kernels(scenario);
  for (const Yaml& item : yaml.items()) {
    TRY(check_kernels(item, known));
    TRY_ASSIGN(auto group, read_expectations(item));
    TRY(check_default(item, group, scenario.expect));
    scenario.expect.push_back(std::move(group));
  }
  return {};
}

Result<Scenario> read_scenario(const Yaml& yaml, const fs::path& file) {
  TRY(yaml.only_keys({"scenario", "about", "reproducer", "sequence", "order", "image", "machine", "run",
                      "kernels", "matrix", "expect"}));
  Scenario scenario;
  TRY_ASSIGN(const Yaml name, yaml.need("scenario"));
  TRY_ASSIGN(scenario.name, name.name());
  if (const auto about = yaml.get("about")) {
    TRY_ASSIGN(scenario.about, about->text());
  }
  TRY(read_programs(yaml, scenario));
  scenario.run.on_hang = standard_ladder();
  if (const auto machine = yaml.get("machine")) {
    TRY(machine->only_keys(machine_keys()));
    TRY_ASSIGN(const MachineChanges chosen, read_machine_changes(*machine));
    apply(chosen, scenario.machine);
  }
  if (const auto image = yaml.get("image")) {
    TRY_ASSIGN(scenario.machine.image, read_image(*image, file));
  }
  if (const auto run = yaml.get("run")) {
    TRY_ASSIGN(scenario.run, read_run(*run));
  }
  TRY(read_kernels(yaml, scenario));
  if (const auto expect = yaml.get("expect")) {
    TRY(read_expect(*expect, scenario));
  }
  return scenario;
}

}  // namespace

Result<std::vector<Rung>> read_ladder(const Yaml& yaml) {
  if (yaml.is_scalar()) {
    TRY_ASSIGN(const std::string word, yaml.one_of({"standard", "none"}));
    return word == "standard" ? standard_ladder() : std::vector<Rung>();
  }
  std::vector<Rung> ladder;
  for (const Yaml& item : yaml.items()) {
    TRY(item.only_keys({"after", "keys", "do"}));
    Rung rung;
    TRY(read_duration(item, "after", milliseconds(0), rung.after));
    if (const auto keys = item.get("keys")) {
      TRY_ASSIGN(rung.keys, read_keys(*keys));
    }
    if (const auto acts = item.get("do")) {
      TRY_ASSIGN(rung.acts, read_acts(*acts));
    }
    if (!ladder.empty() && rung.after < ladder.back().after)
      return item.error("steps must be in the order of their times");
    ladder.push_back(rung);
  }
  return ladder;
}

void apply(const RunChanges& changes, RunRules& rules) {
  if (changes.on_hang) rules.on_hang = *changes.on_hang;
  if (!changes.watch) return;
  // A step of nothing keeps the guest watched until then.
  std::erase_if(rules.on_hang, [&](const Rung& rung) { return rung.after > *changes.watch; });
  rules.on_hang.push_back({*changes.watch, ""});
  rules.deadline += *changes.watch;
}

std::vector<Rung> standard_ladder() {
  return {{seconds(0), "mwtld", {Act::vcpus}},
          {seconds(20), "mwt", {Act::vcpus}},
          {seconds(25), "f"},
          {seconds(55), "f"},
          {seconds(85), "f"},
          {seconds(115), "", {Act::nmi}}};
}

const char* to_string(Act act) {
  for (const auto& [value, name] : act_names) {
    if (value == act) return name;
  }
  return "vcpus";
}

std::optional<Act> act_from(std::string_view word) {
  for (const auto& [value, name] : act_names) {
    if (word == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string> all_kernels(const Scenario& scenario) {
  std::vector<std::string> names = scenario.kernels;
  names.insert(names.end(), scenario.matrix.begin(), scenario.matrix.end());
  return names;
}

std::vector<std::string> guest_argv(const Reproducer& reproducer) {
  const std::string unpack =
      reproducer.selftests.empty()
          ? ""
          : fmt::format("mkdir -p /selftests && cd /selftests && tar -xf /repro/bin/{} && ",
                        selftests_archive);
  if (!reproducer.command.empty()) return {"/bin/sh", "-c", unpack + reproducer.command};
  std::vector<std::string> argv = {"/repro/bin/" + reproducer.program};
  for (const auto& [key, value] : reproducer.args) {
    argv.push_back("--" + key);
    argv.push_back(value);
  }
  return argv;
}

Result<Scenario> parse_scenario(std::string_view text, const fs::path& file) {
  TRY_ASSIGN(const Yaml yaml, Yaml::parse(text, file.string()));
  TRY_ASSIGN(Scenario scenario, read_scenario(yaml, file));
  scenario.file = file;
  return scenario;
}

// A scenario's file, or a folder with scenario.yaml.
static Result<Scenario> load_scenario_at(const fs::path& path) {
  const fs::path file = fs::is_directory(path) ? path / "scenario.yaml" : path;
  auto text = read_file(file, max_yaml_bytes);
  if (text) return parse_scenario(*text, file);
  // Another reason than that it does not exist is not to be hidden.
  if (text.error().fault != Fault::user || fs::exists(file)) return std::move(text).error();
  return user_error(fmt::format("no scenario at {}", file.string()));
}

Result<Scenario> load_scenario(const fs::path& source_tree, const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos) return load_scenario_at(name_or_path);
  const fs::path file = program_folder(source_tree, name_or_path) / "scenario.yaml";
  if (!fs::exists(file)) {
    const auto known = list_scenarios(source_tree, Listed::all);
    const std::string hint = did_you_mean(name_or_path, known);
    return user_error(fmt::format("no scenario `{}`{}", name_or_path,
                                  hint.empty() ? "; known: " + join(known, ", ") : hint));
  }
  TRY_ASSIGN(const std::string text, read_file(file, max_yaml_bytes));
  return parse_scenario(text, file);
}

std::vector<std::string> list_scenarios(const fs::path& source_tree, Listed which) {
  std::vector<std::string> names;
  for (const fs::path& folder : program_folders(source_tree)) {
    for (const auto& entry : fs::list_or_empty(folder)) {
      if (fs::exists(entry.path() / "scenario.yaml")) names.push_back(entry.path().filename());
    }
    if (which == Listed::reproducers) break;
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace hangar::scenario
