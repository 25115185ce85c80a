// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/cli/options.h"

// Stored runs as the command line names them.
namespace hangar::cli {

// A run directory: a path (with a slash), an id, the beginning of exactly one id, or `last`.
[[nodiscard]] Result<fs::path> find_run(const std::string& word, const Common& common);

// What `hangar log` opens for `word`. A run directory means its console log; so does an id, its
// beginning or `last`, where no file has that name. Anything else is returned as it is.
[[nodiscard]] Result<std::string> find_log(const std::string& word, const Common& common);

}  // namespace hangar::cli
