// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "harness/verdict/expectation.h"

// reproducers/<name>/scenario.yaml as typed values.
namespace hangar::scenario {

// What runs in the guest: /repro/bin/<program> with `--key value` for each arg, in the file's order.
struct Reproducer {
  std::string program;
  std::vector<std::pair<std::string, std::string>> args;
};

struct MachineChoice {
  int cpus = 2;
  std::uint64_t memory_bytes = 256ull << 20;
  std::string disk = "ext4";   // file system of the disk with the reproducers
  std::string accel = "auto";  // auto, kvm, tcg
};

// One step of what is done to a hung guest: the time since the hang was confirmed, and the SysRq keys to
// send.
struct Rung {
  std::chrono::milliseconds after{0};
  std::string keys;
};

struct RunRules {
  int repeat = 1;
  std::chrono::milliseconds deadline{120000};      // of the reproducer, from its start
  std::chrono::milliseconds boot_deadline{60000};  // QEMU's start to hello
  std::chrono::milliseconds hang_threshold{10000};
  std::vector<Rung> on_hang;  // `standard` unless given
};

struct Scenario {
  std::string name;
  std::string about;
  std::filesystem::path file;
  Reproducer reproducer;
  MachineChoice machine;
  RunRules run;
  std::vector<std::string> kernels;
  std::vector<verdict::ExpectationGroup> expect;
};

// The ladder `standard`: m, w and t at once and again 20 s later ("moving slowly" differs from "not moving"),
// then f up to three times, 30 s apart.
[[nodiscard]] std::vector<Rung> standard_ladder();

// The argv of the reproducer in the guest.
[[nodiscard]] std::vector<std::string> guest_argv(const Reproducer& reproducer);

// What `scenario` expects on `kernel`: the union of the groups that name it and of those that name none.
[[nodiscard]] verdict::ExpectationGroup expectations_for(const Scenario& scenario, const std::string& kernel);

[[nodiscard]] Result<Scenario> parse_scenario(std::string_view text, const std::filesystem::path& file);
// A name (reproducers/NAME/scenario.yaml below `source_tree`) or, with a slash, a path to a folder or a file.
[[nodiscard]] Result<Scenario> load_scenario(const std::filesystem::path& source_tree,
                                             const std::string& name_or_path);
// The names of all scenarios below `source_tree`, sorted.
[[nodiscard]] std::vector<std::string> list_scenarios(const std::filesystem::path& source_tree);

}  // namespace hangar::scenario
