// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>

#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/bisect/drive.h"
#include "harness/bisect/journal.h"
#include "harness/run/executor.h"

// How a revision is tested.
namespace hangar::cli {

// By the setup's command, in a clone of the repository of the bisection's own, one for each job, with the
// revision checked out; HANGAR_REVISION has its name. Exit status 0 is a miss, 1 to 124 a hit, 125 a skip;
// others end the bisection. What it prints goes to output.log in the bisection's folder.
[[nodiscard]] Result<std::unique_ptr<bisect::Tester>> command_tester(const bisect::Journal& journal);

// By guests: builds the revision's kernel and runs the setup's scenario on it, each time in a guest that was
// booted for it, so that runs are independent. `executor` and `observer` must outlive the tester.
[[nodiscard]] Result<std::unique_ptr<bisect::Tester>> guest_tester(const bisect::Journal& journal,
                                                                   const fs::path& source_tree,
                                                                   const Home& home, run::Executor& executor,
                                                                   run::Observer& observer);

}  // namespace hangar::cli
