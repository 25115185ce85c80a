// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "harness/base/process.h"
#include "harness/base/result.h"
#include "harness/bisect/journal.h"

namespace hangar::cli {

// A shell command that judges a revision: --run of `hangar bisect`, `run` of a nightly job.
struct JudgeCommand {
  std::string option;  // that gave it, for messages
  std::string text;
};

// A clone that shares the objects of the repository, which stays as it is. Nothing is checked out. A process
// that ends in between leaves no `tree`.
[[nodiscard]] Result<void> clone_repository(const fs::path& repository, const fs::path& tree);
// The files of a commit, in such a clone, which also has commits that the repository received later. One
// process at a time: the lock of a git that was killed is removed.
[[nodiscard]] Result<void> check_out(const fs::path& tree, const std::string& commit);

// Runs it in `tree`. An Error only if it could not be started or Hangar was cancelled.
[[nodiscard]] Result<Finished> run_judge(const JudgeCommand& command, const fs::path& tree,
                                         const std::map<std::string, std::string>& environment,
                                         std::chrono::milliseconds deadline = deadline_of::build);
// By its exit status: 0 is a miss, 1 to 124 a hit, 125 a skip. Any other end is a user error.
[[nodiscard]] Result<bisect::Seen> seen_in(const JudgeCommand& command, const Finished& finished);

}  // namespace hangar::cli
