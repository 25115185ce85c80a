// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/cli/terminal.h"
#include "harness/report/contents.h"

// What `hangar report` reports, from the words of its command line.
namespace hangar::cli {

// By the files of the experiments below `state`, each read once. An experiment whose file is gone had a fixed
// number of runs.
[[nodiscard]] report::RuleOf rule_by_experiment(const fs::path& state);

// Each word is an experiment, a run (an id, its beginning, `last`, a folder), a scenario's name (all of its
// stored runs), or a file of rows. None: the last experiment. Runs that cannot be read are skipped with a
// message, as long as one is left. `tree` is Hangar's own; "": not found.
[[nodiscard]] Result<report::Contents> read_contents(const std::vector<std::string>& words, const Home& home,
                                                     const std::string& tree, Terminal& terminal);

}  // namespace hangar::cli
