// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/scenario/scenario.h"

// Where the program of a scenario is, on the host.
namespace hangar::scenario {

struct ProgramPlace {
  std::string name;              // of /repro/bin/NAME in the guest
  std::optional<fs::path> file;  // none: NAME/NAME.c in reproducers/ or tests/guests/
};

// `program: NAME` is NAME.c beside the scenario, else NAME/NAME.c in one of program_folders() of
// `source_tree`. With a slash or the ending `.c` it is a file, relative to the scenario's folder. An Error at
// its place in the scenario when there is no such program.
[[nodiscard]] Result<ProgramPlace> find_program(const Scenario& scenario, const fs::path& source_tree);
// The same for a program of the scenario, such as that of a step.
[[nodiscard]] Result<ProgramPlace> find_program(const Reproducer& reproducer, const fs::path& scenario_file,
                                                const fs::path& source_tree);

}  // namespace hangar::scenario
