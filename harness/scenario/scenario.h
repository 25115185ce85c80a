// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/scenario/machine.h"
#include "harness/verdict/expectation.h"

// reproducers/<name>/scenario.yaml as typed values.
namespace hangar::scenario {

// What runs in the guest: /repro/bin/<program> with `--key value` for each arg, in the file's order; or a
// command for the shell of the image, with `selftests` in a folder in which the kernel's own tests are.
struct Reproducer {
  std::string program;  // empty: a command
  std::vector<std::pair<std::string, std::string>> args;
  std::string command = {};
  std::vector<std::string> selftests = {};  // suites of the kernel that is tested, such as cgroup
  Error place = {};  // an error at the program's place in the file, still without its text
};

// One program of a sequence.
struct Step {
  std::string name;  // of its program, unless the file gives one
  Reproducer reproducer;
  int times = 1;
  bool may_fail = false;  // its exit status is not the run's
};

// `random`: each run has an order that follows from its seed.
enum class Order : std::uint8_t { fixed, random };

// What a step can do besides sending keys: sample where the vCPUs are, send an NMI, write a core dump of the
// guest into the run directory.
enum class Act { vcpus, nmi, dump };

[[nodiscard]] const char* to_string(Act act);
[[nodiscard]] std::optional<Act> act_from(std::string_view word);

// One step of what is done to a hung guest: the time since the hang was confirmed, the SysRq keys to send,
// and what is done after them. `d` is left out where the kernel has no LOCKDEP.
struct Rung {
  std::chrono::milliseconds after{0};
  std::string keys;
  std::vector<Act> acts = {};

  [[nodiscard]] bool operator==(const Rung&) const = default;
};

// How repeats start. `cold`: each run boots; `restore`: each run goes on from a guest that was saved before
// the reproducer's start; `any`: restored when the cell is repeated often enough for the saving to pay.
enum class BootMode : std::uint8_t { any, restore, cold };

struct RunRules {
  int repeat = 1;
  std::chrono::milliseconds deadline{120000};      // of the reproducer, from its start
  std::chrono::milliseconds boot_deadline{60000};  // QEMU's start to hello
  std::chrono::milliseconds idle_deadline{0};      // of a program that is silent; 0: none
  std::chrono::milliseconds hang_threshold{10000};
  std::vector<Rung> on_hang;  // `standard` unless given
  BootMode boot = BootMode::any;
  bool exclusive = false;  // nothing else runs on the host meanwhile
};

struct Scenario {
  std::string name;
  std::string about;
  fs::path file;
  Reproducer reproducer;       // without a program if there is a sequence
  std::vector<Step> sequence;  // programs that run one after another in one boot; usually none
  Order order = Order::fixed;  // of the sequence
  MachineChoice machine;
  RunRules run;
  std::vector<std::string> kernels;
  std::vector<std::string> matrix;  // further ones, run when the whole matrix is asked for
  std::vector<verdict::ExpectationGroup> expect;
};

// The ladder `standard`: m, w, t, l and d at once, m, w and t again 20 s later ("moving slowly" differs from
// "not moving"), vCPU samples each time; then f up to three times, 30 s apart, and an NMI.
[[nodiscard]] std::vector<Rung> standard_ladder();

// `on-hang: standard`, `none`, or a list of steps `{after: 20s, keys: wt, do: [vcpus]}`.
[[nodiscard]] Result<std::vector<Rung>> read_ladder(const Yaml& yaml);

// What a study changes of its scenario's run rules.
struct RunChanges {
  std::optional<std::vector<Rung>> on_hang;
  // A hang is watched for so long after it was confirmed, whatever the last step of `on_hang` is.
  std::optional<std::chrono::milliseconds> watch;
};

// The deadline grows by `watch`, so that it never ends the watching of a hang.
void apply(const RunChanges& changes, RunRules& rules);

// `kernels` and `matrix`, in this order.
[[nodiscard]] std::vector<std::string> all_kernels(const Scenario& scenario);

// What the suites of `selftests` are in the guest: an archive that is unpacked before the command runs.
inline constexpr const char* selftests_archive = "selftests.tar";

// The argv of the reproducer in the guest.
[[nodiscard]] std::vector<std::string> guest_argv(const Reproducer& reproducer);

[[nodiscard]] Result<Scenario> parse_scenario(std::string_view text, const fs::path& file);
// A name (NAME/scenario.yaml in one of program_folders() of `source_tree`) or, with a slash, a path to a
// folder or a file.
[[nodiscard]] Result<Scenario> load_scenario(const fs::path& source_tree, const std::string& name_or_path);
// The names of the scenarios in reproducers/, sorted; with `all` also those in tests/guests/, which test
// Hangar.
enum class Listed { reproducers, all };
[[nodiscard]] std::vector<std::string> list_scenarios(const fs::path& source_tree,
                                                      Listed which = Listed::reproducers);

}  // namespace hangar::scenario

template <>
inline constexpr auto hangar::words_of<hangar::scenario::Order> = std::to_array<std::string_view>({"fixed",
                                                                                                   "random"});
template <>
inline constexpr auto hangar::words_of<hangar::scenario::BootMode> =
    std::to_array<std::string_view>({"auto", "restore", "cold"});
