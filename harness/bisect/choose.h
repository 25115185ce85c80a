// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "harness/bisect/model.h"

// Which revisions to run next.
namespace hangar::bisect {

// What a run costs, in seconds.
struct Costs {
  std::vector<double> build_s;  // of each revision; 0 if its kernel exists. Empty: all exist
  double run_s = 1;
};

// The `points` revisions whose runs at the same time teach most per second. A revision may occur several
// times. A kernel that has to be built is valued by as many runs as make its build worthwhile, a kernel that
// exists by one run: its revision is run for as long as that teaches more per second than a build does. Later
// points take into account what the outcomes of the earlier ones may be. Only revisions that are `testable`
// are chosen: none if none is. Revisions that teach the same are chosen by `seed`.
[[nodiscard]] std::vector<int> choose(const Graph& graph, const Belief& belief, Costs costs,
                                      const std::vector<bool>& testable, int points, std::uint64_t seed);

}  // namespace hangar::bisect
