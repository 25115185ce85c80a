// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "harness/log/infer/facts.h"

// Reports that repeat an earlier one: of a task that stays blocked, of a victim that memory.oom.group kills
// twice. hangar.log/1 has them as one entry with a count.
namespace hangar::log {

struct HungTaskSeries {
  HungTask first;
  HungTask last;
  std::uint64_t count = 1;
};
/// The seconds of a series grow as its clock does.
[[nodiscard]] std::vector<HungTaskSeries> merge(const std::vector<HungTask>& reports);

struct KillSeries {
  OomKill first;
  std::uint64_t count = 1;
};
/// The kills of one episode.
[[nodiscard]] std::vector<KillSeries> merge(const std::vector<OomKill>& kills);

}  // namespace hangar::log
