// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/pace.h"

#include <algorithm>
#include <cmath>

namespace hangar::outcome {
namespace {

// How long the harness did not look between two times.
double not_looked(const std::vector<Gap>& gaps, double from_s, double to_s) {
  double sum = 0;
  for (const Gap& gap : gaps) sum += std::max(0.0, std::min(gap.to_s, to_s) - std::max(gap.from_s, from_s));
  return sum;
}

// The smallest value that at least this share of `sorted` does not exceed.
double quantile(const std::vector<double>& sorted, double share) {
  const double rank = std::ceil(share * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(rank) - 1];
}

}  // namespace

verdict::Pace pace_of(PaceInputs in) {
  verdict::Pace pace;
  pace.ran_s = std::max(0.0, in.until_s - in.started_s);
  std::erase_if(in.advances_s, [&](double at) { return at <= in.started_s || at > in.until_s; });
  in.advances_s.push_back(in.until_s);
  std::sort(in.advances_s.begin(), in.advances_s.end());
  double last_s = in.started_s;
  for (const double at : in.advances_s) {
    if (at - last_s - not_looked(in.gaps, last_s, at) >= stall_s) {
      pace.stall_s = last_s - in.started_s;
      break;
    }
    last_s = at;
  }
  if (!in.probe_ms.empty()) {
    std::sort(in.probe_ms.begin(), in.probe_ms.end());
    pace.probe_median_ms = quantile(in.probe_ms, 0.5);
    pace.probe_p95_ms = quantile(in.probe_ms, 0.95);
  }
  return pace;
}

void set_free_times(const std::vector<PidTime>& gone, std::vector<verdict::OomKill>& kills) {
  for (verdict::OomKill& kill : kills) {
    for (const PidTime& one : gone) {
      if (one.pid != kill.pid || one.host_s < kill.time_s) continue;
      kill.free_s = std::min(kill.free_s.value_or(one.host_s), one.host_s);
    }
  }
}

}  // namespace hangar::outcome
