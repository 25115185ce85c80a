// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/compare/row.h"
#include "harness/run/bundle.h"
#include "harness/store/run_directory.h"
#include "harness/verdict/judge.h"
#include "harness/verdict/outcome.h"

// One run, as reports show it: from its directory, or from a row of hangar.row/1, which has no log. Nothing
// is judged here: verdict.json has the judgement.
namespace hangar::report {

// What only a run directory has. Seconds are of the host's monotonic clock since QEMU started (a restored
// run: since it was resumed); a Row's count from the reproducer's start.
struct Record {
  fs::path directory;  // absolute
  store::RunInfo info;
  run::RunSpec spec;
  verdict::Outcome outcome;
  std::vector<verdict::Judgement> judgements;
  std::string judged_by;
};

struct Run {
  compare::Row row;
  verdict::Verdict verdict = verdict::Verdict::infra_error;
  std::string why;               // in one line; of a row that was not a pass: not known, ""
  std::optional<Record> record;  // none: only the row is known
};

// A user error for a folder that is missing, is not a run directory, or has no outcome yet.
[[nodiscard]] Result<Run> read_run(const fs::path& directory);
// A row whose verdict this version does not know is an infra-error.
[[nodiscard]] Run run_of(compare::Row row);

// The run is in no denominator: the host or the harness failed, the user interrupted it, or the kernel could
// not run the program.
[[nodiscard]] bool counts(const Run& run);
[[nodiscard]] bool hung(const Run& run);
// When it started, UTC: "2026-11-23T02:15:30Z"; from the id where the record has no time. "": not known.
[[nodiscard]] std::string started_at(const Run& run);

}  // namespace hangar::report
