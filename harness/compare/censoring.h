// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/compare/row.h"

// Why the durations of hangs are lower bounds only, in words: what a table shows where there is no median.
namespace hangar::compare {

struct Censoring {
  int hangs = 0;
  std::map<std::string, int> by_us;  // "sysrq-f": hangs that this step of ours censored
  int ended_by_us = 0;               // of these, hangs that it also ended
  int outlasted = 0;                 // still going on when watching ended
  std::optional<double> least_s;     // the least of the lower bounds
};

[[nodiscard]] Censoring censoring_of(const std::vector<const HangRow*>& hangs);

// Of hangs of which at most half are known to have ended:
// "no median: all 24 hangs were ended by our SysRq f, after at least 31.0 s",
// "10 of 10 still hung after 610 s; at most 31% end earlier (95%)" (the exact bound of 0 of 10).
[[nodiscard]] std::string no_median_text(const Censoring& censoring);
// Beside a median: "2 of 3 censored by our SysRq f", or "".
[[nodiscard]] std::string censored_text(const Censoring& censoring);

}  // namespace hangar::compare
