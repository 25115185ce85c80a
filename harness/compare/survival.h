// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

// How long hangs last. A hang that still went on when watching ended is a lower bound only (censored), so a
// mean would be wrong; this is the product-limit estimate (E. L. Kaplan, P. Meier, Nonparametric estimation
// from incomplete observations, JASA 53, 1958).
namespace hangar::compare {

struct Duration {
  double seconds = 0;
  bool censored = false;
};

struct Step {
  double seconds = 0;
  double alive = 1;  // the share that lasts longer than this
  double low = 0;    // its 95% interval, from Greenwood's variance on the log(-log) scale
  double high = 1;
};

// The steps of the estimate, by time: one for each duration at which a hang ended.
[[nodiscard]] std::vector<Step> survival(std::vector<Duration> durations);

// The time at which a share of `left` still hangs, with its 95% interval (R. Brookmeyer, J. Crowley, A
// confidence interval for the median survival time, Biometrics 38, 1982). None: it lies beyond what was
// watched.
struct Quantile {
  std::optional<double> seconds;
  std::optional<double> low;
  std::optional<double> high;
};
[[nodiscard]] Quantile quantile(const std::vector<Step>& steps, double left = 0.5);

}  // namespace hangar::compare
