// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/study.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/home.h"
#include "harness/base/yaml.h"
#include "harness/scenario/args.h"

namespace hangar::scenario {
namespace {

constexpr int default_repeat = 10;
constexpr size_t most_switches = 8;  // what sixteen settings can tell apart

Result<int> read_repeat(const Yaml& yaml, const std::string& key, int otherwise) {
  const auto value = yaml.get(key);
  if (!value) return otherwise;
  TRY_ASSIGN(const std::int64_t count, value->integer());
  if (count < 1 || count > 10000) return value->error("expected 1 to 10000 runs");
  return static_cast<int>(count);
}

Result<std::string> need_text(const Yaml& yaml, const std::string& key) {
  TRY_ASSIGN(const Yaml value, yaml.need(key));
  return value.text();
}

Result<std::string> need_title(const Yaml& yaml, const std::string& key) {
  TRY_ASSIGN(const Yaml value, yaml.need(key));
  return value.title();
}

Result<RunChanges> read_run_changes(const Yaml& yaml) {
  constexpr std::chrono::hours longest_watch{24};
  RunChanges changes;
  if (const auto ladder = yaml.get("on-hang")) {
    TRY_ASSIGN(changes.on_hang, read_ladder(*ladder));
  }
  if (const auto watch = yaml.get("watch")) {
    TRY_ASSIGN(changes.watch, watch->duration());
    if (*changes.watch <= std::chrono::seconds(0) || *changes.watch > longest_watch)
      return watch->error("expected a time above zero, 24h at most");
  }
  return changes;
}

Result<Setting> read_setting(const Yaml& yaml) {
  std::vector<std::string> keys = {"name", "kernel", "repeat", "append", "args", "on-hang", "watch"};
  keys.insert(keys.end(), machine_keys().begin(), machine_keys().end());
  TRY(yaml.only_keys(keys));
  Setting setting;
  TRY_ASSIGN(setting.name, need_title(yaml, "name"));
  TRY_ASSIGN(setting.kernel, need_text(yaml, "kernel"));
  TRY_ASSIGN(setting.repeat, read_repeat(yaml, "repeat", default_repeat));
  TRY_ASSIGN(setting.args, read_args(yaml));
  if (const auto append = yaml.get("append")) {
    TRY_ASSIGN(setting.append, append->text());
  }
  TRY_ASSIGN(setting.machine, read_machine_changes(yaml));
  TRY_ASSIGN(setting.run, read_run_changes(yaml));
  return setting;
}

Result<unsigned> read_bit(const Yaml& where, const std::string& text) {
  unsigned bit = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), bit);
  if (failure != std::errc() || end != text.data() + text.size() || bit == 0 || (bit & (bit - 1)) != 0)
    return where.error(fmt::format("`{}` is not a bit: expected 1, 2, 4, 8 ...", text));
  return bit;
}

Result<Switches> read_switches(const Yaml& yaml) {
  TRY(yaml.only_keys({"kernel", "parameter", "of", "repeat", "repeat-one-off", "args"}));
  Switches switches;
  TRY_ASSIGN(switches.kernel, need_text(yaml, "kernel"));
  TRY_ASSIGN(switches.parameter, need_text(yaml, "parameter"));
  TRY_ASSIGN(switches.repeat, read_repeat(yaml, "repeat", 1));
  TRY_ASSIGN(switches.repeat_one_off, read_repeat(yaml, "repeat-one-off", 1));
  TRY_ASSIGN(switches.args, read_args(yaml));
  TRY_ASSIGN(const Yaml of, yaml.need("of"));
  for (const auto& [key, value] : of.entries()) {
    TRY_ASSIGN(const unsigned bit, read_bit(value, key));
    TRY_ASSIGN(std::string what, value.text());
    switches.of.emplace_back(bit, std::move(what));
  }
  if (switches.of.size() < 2 || switches.of.size() > most_switches)
    return of.error(fmt::format("expected 2 to {} switches, `bit: what it does`", most_switches));
  return switches;
}

Result<void> check_names(const Yaml& yaml, const std::vector<Setting>& settings) {
  for (size_t i = 0; i < settings.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (settings[i].name == settings[j].name)
        return yaml.items()[i].error(fmt::format("duplicate setting `{}`", settings[i].name));
    }
  }
  return {};
}

// The scenario as it is, on each kernel of its matrix.
Study plain_study(const Scenario& scenario, const fs::path& folder) {
  Study study;
  study.name = scenario.name;
  study.about = scenario.about;
  study.file = folder / "study.yaml";
  study.scenario = scenario.name;
  for (const std::string& kernel : all_kernels(scenario)) {
    Setting setting;
    setting.name = kernel;
    setting.kernel = kernel;
    setting.repeat = default_repeat;
    study.settings.push_back(std::move(setting));
  }
  return study;
}

}  // namespace

Result<Study> parse_study(std::string_view text, const fs::path& file) {
  TRY_ASSIGN(const Yaml yaml, Yaml::parse(text, file.string()));
  TRY(yaml.only_keys({"study", "about", "scenario", "settings", "switches"}));
  Study study;
  study.file = file;
  TRY_ASSIGN(study.name, need_title(yaml, "study"));
  TRY_ASSIGN(study.scenario, need_text(yaml, "scenario"));
  if (const auto about = yaml.get("about")) {
    TRY_ASSIGN(study.about, about->text());
  }
  TRY_ASSIGN(const Yaml settings, yaml.need("settings"));
  for (const Yaml& item : settings.items()) {
    TRY_ASSIGN(auto setting, read_setting(item));
    study.settings.push_back(std::move(setting));
  }
  TRY(check_names(settings, study.settings));
  if (const auto switches = yaml.get("switches")) {
    TRY_ASSIGN(study.switches, read_switches(*switches));
  }
  return study;
}

// A study's file, or a folder with study.yaml or scenario.yaml.
static Result<Study> load_study_at(const fs::path& source_tree, const fs::path& path) {
  const bool folder = fs::is_directory(path);
  const fs::path file = folder ? path / "study.yaml" : path;
  if (folder && !fs::exists(file)) {
    if (!fs::exists(path / "scenario.yaml"))
      return user_error(fmt::format("the folder {} has neither study.yaml nor scenario.yaml", path.string()));
    TRY_ASSIGN(const Scenario scenario, load_scenario(source_tree, path.string() + "/"));
    Study study = plain_study(scenario, path);
    study.scenario = (path / "scenario.yaml").string();
    return study;
  }
  TRY_ASSIGN(const std::string text, read_file(file, max_yaml_bytes));
  return parse_study(text, file);
}

Result<Study> load_study(const fs::path& source_tree, const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos) return load_study_at(source_tree, name_or_path);
  const fs::path folder = program_folder(source_tree, name_or_path);
  if (!fs::exists(folder / "study.yaml")) {
    TRY_ASSIGN(const Scenario scenario, load_scenario(source_tree, name_or_path));
    return plain_study(scenario, folder);
  }
  TRY_ASSIGN(const std::string text, read_file(folder / "study.yaml", max_yaml_bytes));
  return parse_study(text, folder / "study.yaml");
}

std::string setting_name(const Switches& switches, unsigned mask) {
  return fmt::format("{}={}", switches.parameter, mask);
}

}  // namespace hangar::scenario
