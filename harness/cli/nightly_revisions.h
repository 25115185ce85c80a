// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/bisect/state.h"
#include "harness/cli/bisect_revisions.h"
#include "harness/cli/nightly_sources.h"
#include "harness/nightly/lab.h"

// What a bisection between two kernels of a nightly job searches.
namespace hangar::cli {

struct NightlyRevisions {
  RevisionsGiven given;
  std::string base;        // nightly::Bisected::base
  bool from_good = false;  // the search has the last good kernel at one end. The other end is the bad one
  bool divisible = false;  // false: nothing is known between the two, as between two versions of a package
};

// Commits of a git target: from the merge base if the good one is not an ancestor of the bad one. Patches of
// a queue: from the kernel that they are for. A user error if the good kernel is not a commit of the
// repository, as a release that is a package.
[[nodiscard]] Result<NightlyRevisions> revisions_of(const nightly::NightlyFile& file,
                                                    const NightlySources& sources,
                                                    const nightly::BisectOrder& order);

// The runs of the confirmation as events of the bisection, so that it begins with what is known.
[[nodiscard]] std::vector<bisect::Event> known_runs(const NightlyRevisions& between,
                                                    const nightly::BisectOrder& order,
                                                    const bisect::Setup& setup);

// What a bisection of them found so far.
[[nodiscard]] nightly::Bisected answer_of(const NightlyRevisions& between, const bisect::Setup& setup,
                                          const bisect::State& state);

}  // namespace hangar::cli
