// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// What the index has of one run: the answers to "what was run, and what happened?" without opening its files.
namespace hangar::store {

// From outcome.json.
struct RunFacts {
  std::string end;            // "done", "hang-over", ... (`hangar help hangs`)
  std::int64_t hangs = 0;     // how many
  double longest_hang_s = 0;  // a lower bound if it is censored; 0 without a hang
  bool longest_hang_censored = false;
  std::vector<std::string> hang_kinds;  // each once, that of the longest hang first
  // Without the kills that our SysRq f asked for.
  std::int64_t kills = 0;
  std::vector<std::string>
      victims;  // the role of each, else its comm; each once, in the order of their kills
  std::vector<std::string> crashes;  // titles, each once, as the guest's log has them: hostile text
};

struct RunRow {
  std::string id;
  std::string experiment;
  std::string scenario;
  std::string kernel;
  std::string verdict;  // "unfinished" as long as there is none
  double started_unix = 0;
  double wall_s = 0;
  fs::path directory;  // absolute
  // As in run.json; empty or none: not recorded.
  std::string kernel_release;
  std::string kernel_revision;
  std::optional<bool> kernel_dirty;
  std::string kernel_signature;
  std::string kernel_config_digest;
  std::string append;
  std::optional<RunFacts> facts;  // none: the run has no outcome.json yet, or none that can be read
  std::int64_t judged_ns = 0;     // when verdict.json was written, by the clock of its file system; 0: never
};

// Reads run.json, outcome.json and verdict.json. An error if run.json cannot be read.
[[nodiscard]] Result<RunRow> read_row(const fs::path& directory);
// RunRow::judged_ns of a run directory as it is now.
[[nodiscard]] std::int64_t judged_ns(const fs::path& directory);

}  // namespace hangar::store
