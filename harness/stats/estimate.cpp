// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/estimate.h"

#include <algorithm>

#include <fmt/format.h>

namespace hangar::stats {

std::string to_string(IntervalKind kind) {
  switch (kind) {
    case IntervalKind::exact:
      return "exact";
    case IntervalKind::sequence:
      return "sequence";
    case IntervalKind::groups:
      return "by-boot";
    case IntervalKind::none:
      return "none";
  }
  return "";
}

RateEstimate exact_estimate(int hits, int runs) {
  return {hits, runs, IntervalKind::exact, exact_interval(hits, runs)};
}

RateEstimate by_groups(RateEstimate rate, const std::vector<Group>& groups) {
  if (!rate.interval || homogeneity(groups).p >= groups_differ_p) return rate;
  const Interval clustered = cluster_interval(groups);
  rate.interval->low = std::min(rate.interval->low, clustered.low);
  rate.interval->high = std::max(rate.interval->high, clustered.high);
  rate.kind = IntervalKind::groups;
  return rate;
}

std::string rate_text(const RateEstimate& rate) {
  const std::string counts = fmt::format("{} of {} runs", rate.hits, rate.runs);
  if (!rate.interval) return counts + " (no interval: the runs stopped at a hang or a failure)";
  const std::string name = rate.kind == IntervalKind::sequence ? "confidence sequence"
                           : rate.kind == IntervalKind::groups ? "interval by boot"
                                                               : "interval";
  return fmt::format("{} (95% {} {:.2f} to {:.2f})", counts, name, rate.interval->low, rate.interval->high);
}

}  // namespace hangar::stats
