// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/run/bundle.h"
#include "harness/verdict/expectation.h"

// Which expectations a stored run is judged by: those of the scenario file that was run, if it still exists,
// else those of the text in its bundle.
namespace hangar::outcome {

struct Judging {
  verdict::ExpectationGroup expected;
  std::string by;    // for verdict.json: "scenario file FILE (sha256 ...)" or "stored text (sha256 ...)"
  std::string note;  // for the user: the file and whether it changed since the run
};

struct JudgeChoice {
  std::optional<fs::path> scenario;  // judge by this file
  bool stored = false;               // judge by the text in the bundle
};

// run.json's `scenario_file`: relative to the source tree for a file within it, so that another checkout
// finds its own; else absolute.
[[nodiscard]] fs::path recorded_scenario_file(const fs::path& file, const fs::path& source_tree);

[[nodiscard]] std::string judged_by_file(const fs::path& file, const std::string& text);

// `recorded` is run.json's `scenario_file`, which may be empty.
[[nodiscard]] Result<Judging> choose_judging(const run::Bundle& bundle, const fs::path& recorded,
                                             const fs::path& source_tree, const JudgeChoice& choice);

}  // namespace hangar::outcome
