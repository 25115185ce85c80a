// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/stats/cluster.h"
#include "harness/stats/interval.h"

namespace hangar::stats {

// Which interval a rate has depends on why its runs stopped.
enum class IntervalKind {
  exact,     // the number of runs was fixed beforehand: exact_interval()
  sequence,  // a rule computed the interval after every run: sequence.h
  groups,    // the groups of the runs differ: cluster_interval()
  none       // the last hit stopped the runs: neither interval holds
};
[[nodiscard]] std::string to_string(IntervalKind kind);

struct RateEstimate {
  int hits = 0;
  int runs = 0;
  IntervalKind kind = IntervalKind::exact;
  std::optional<Interval> interval = Interval{};  // 95%; none for IntervalKind::none
};
[[nodiscard]] RateEstimate exact_estimate(int hits, int runs);

// The estimate of runs that come from `groups`. If the groups differ (groups_differ_p), its interval takes
// them as units and is never narrower than before. Else, and without an interval, the estimate is unchanged.
[[nodiscard]] RateEstimate by_groups(RateEstimate rate, const std::vector<Group>& groups);

// "3 of 20 runs (95% interval 0.03 to 0.38)", "(95% confidence sequence 0.01 to 0.48)", "(95% interval by
// boot 0.01 to 0.6)", "(no interval: the runs stopped at a hit)".
[[nodiscard]] std::string rate_text(const RateEstimate& rate);

}  // namespace hangar::stats
