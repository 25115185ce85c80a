// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/stats/interval.h"

namespace hangar::stats {

// Which interval a rate has depends on why its runs stopped.
enum class IntervalKind {
  exact,     // the number of runs was fixed beforehand: exact_interval()
  sequence,  // a rule computed the interval after every run: sequence.h
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

// "3 of 20 runs (95% interval 0.03 to 0.38)", "(95% confidence sequence 0.01 to 0.48)", "(no interval: the
// runs stopped at a hit)".
[[nodiscard]] std::string rate_text(const RateEstimate& rate);

}  // namespace hangar::stats
