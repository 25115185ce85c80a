// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/compare/row.h"
#include "harness/store/index.h"

// Stored runs as the command line names them.
namespace hangar::cli {

// A run directory: a path (with a slash), an id, the beginning of exactly one id, or `last`.
[[nodiscard]] Result<fs::path> find_run(const std::string& word, const Common& common);

// What `hangar log` opens for `word`. A run directory means its console log; so does an id, its
// beginning or `last`, where no file has that name. Anything else is returned as it is.
[[nodiscard]] Result<std::string> find_log(const std::string& word, const Common& common);

// A run, every run of an experiment, or every run of a scenario. Empty: nothing has that name.
[[nodiscard]] Result<std::vector<store::RunRow>> runs_named(const store::Index& index,
                                                            const std::string& word);

// The rows of stored runs. One that cannot be read is skipped, with a message.
[[nodiscard]] std::vector<compare::Row> read_rows(const std::vector<store::RunRow>& runs, Terminal& terminal);

}  // namespace hangar::cli
