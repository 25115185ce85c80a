// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/scenario/machine.h"
#include "harness/scenario/scenario.h"

// reproducers/<name>/study.yaml: a scenario measured under many settings, as typed values. The rows that its
// runs leave are beside it in runs.jsonl; these runs are not repeated.
namespace hangar::scenario {

struct Setting {
  std::string name;
  std::string kernel;  // a spec's name
  int repeat = 1;
  std::string append;                                     // to the kernel's command line
  std::vector<std::pair<std::string, std::string>> args;  // over the scenario's
  MachineChanges machine;                                 // of the scenario's
  RunChanges run;                                         // of the scenario's
};

// Switches of a boot parameter that is a mask, all varied at once.
struct Switches {
  std::string kernel;
  std::string parameter;                             // "oom2015"
  std::vector<std::pair<unsigned, std::string>> of;  // bit value and what it does, in order
  int repeat = 1;                                    // of each of the sixteen masks
  int repeat_one_off = 1;                            // of each mask in which one switch alone is off
  std::vector<std::pair<std::string, std::string>> args;
};

struct Study {
  std::string name;
  std::string about;
  fs::path file;
  std::string scenario;
  std::vector<Setting> settings;
  std::optional<Switches> switches;
};

[[nodiscard]] Result<Study> parse_study(std::string_view text, const fs::path& file);
// The study of a reproducer's folder below `source_tree`, or, with a slash, a path to a folder or a file. A
// folder without study.yaml is a study of its scenario as it is, ten runs on each kernel of its matrix.
[[nodiscard]] Result<Study> load_study(const fs::path& source_tree, const std::string& name_or_path);
// "oom2015=254", the setting of a mask.
[[nodiscard]] std::string setting_name(const Switches& switches, unsigned mask);

}  // namespace hangar::scenario
