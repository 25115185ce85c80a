// SPDX-License-Identifier: GPL-2.0-only
#include "harness/stats/estimate.h"

#include <fmt/format.h>

namespace hangar::stats {

std::string to_string(IntervalKind kind) {
  switch (kind) {
    case IntervalKind::exact:
      return "exact";
    case IntervalKind::sequence:
      return "sequence";
    case IntervalKind::none:
      return "none";
  }
  return "";
}

RateEstimate exact_estimate(int hits, int runs) {
  return {hits, runs, IntervalKind::exact, exact_interval(hits, runs)};
}

std::string rate_text(const RateEstimate& rate) {
  const std::string counts = fmt::format("{} of {} runs", rate.hits, rate.runs);
  if (!rate.interval) return counts + " (no interval: the runs stopped at a hang or a failure)";
  const char* name = rate.kind == IntervalKind::sequence ? "confidence sequence" : "interval";
  return fmt::format("{} (95% {} {:.2f} to {:.2f})", counts, name, rate.interval->low, rate.interval->high);
}

}  // namespace hangar::stats
