// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/rates.h"

#include <algorithm>

namespace hangar::report {
namespace {

RateBlock block_of(const std::vector<const Run*>& runs, size_t begin, size_t end) {
  RateBlock block;
  block.first = static_cast<int>(begin) + 1;
  block.last = static_cast<int>(end);
  block.from = started_at(*runs[begin]);
  block.to = started_at(*runs[end - 1]);
  std::vector<const compare::Row*> rows;
  int hits = 0;
  for (size_t i = begin; i < end; ++i) {
    rows.push_back(&runs[i]->row);
    hits += hung(*runs[i]) ? 1 : 0;
  }
  block.rate = stats::exact_estimate(hits, static_cast<int>(end - begin));
  const compare::Boots boots = compare::boots_of(rows);
  if (boots.unknown_runs > 0) return block;
  std::vector<stats::Group> groups;
  for (const compare::BootRate& boot : boots.known) groups.push_back(boot.rate);
  block.rate = stats::by_groups(block.rate, groups);
  return block;
}

}  // namespace

std::vector<RateBlock> rate_blocks(const Cell& cell) {
  std::vector<const Run*> runs;
  for (const Run& run : cell.runs)
    if (counts(run)) runs.push_back(&run);
  const size_t size = std::max<size_t>(min_block_runs, (runs.size() + max_blocks - 1) / max_blocks);
  std::vector<RateBlock> blocks;
  if (runs.size() < 2 * size) return blocks;
  for (size_t begin = 0; begin + size <= runs.size(); begin += size) {
    RateBlock& block = blocks.emplace_back(block_of(runs, begin, begin + size));
    if (cell.hang_rate.kind != stats::IntervalKind::none) continue;
    block.rate.kind = stats::IntervalKind::none;
    block.rate.interval.reset();
  }
  return blocks;
}

}  // namespace hangar::report
