// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/report/cells.h"

// Whether the hang rate of a cell stayed the same while it was measured. A running interval would be looked
// at after each run, which an exact one does not allow; so the runs are shown in separate blocks of one size.
namespace hangar::report {

struct RateBlock {
  int first = 0;  // of the runs that count, from 1
  int last = 0;
  std::string from;  // when its first and its last run started: started_at()
  std::string to;
  stats::RateEstimate rate;  // of the block alone, by its boots where these differ
};

// The least number of runs of a block, and the largest number of blocks.
inline constexpr int min_block_runs = 10;
inline constexpr int max_blocks = 20;

// Blocks in order of time, all of the same size: runs left over at the end are in none. Empty with fewer than
// two blocks. If a hang ended the runs of the cell, the blocks have no interval either.
[[nodiscard]] std::vector<RateBlock> rate_blocks(const Cell& cell);

}  // namespace hangar::report
