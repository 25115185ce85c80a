// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/stats/interval.h"

// How long hangs last. A hang that still lasted when watching ended is censored: its duration is a lower
// bound, so means would be wrong. All limits are those of R's survfit(conf.type = "log-log"), which the
// fixtures under tests/data/stats are computed with.
namespace hangar::stats {

struct Duration {
  double seconds = 0;
  bool censored = false;
};

// One step of the product-limit estimate (E. L. Kaplan, P. Meier, Nonparametric estimation from incomplete
// observations, JASA 53, 1958), with the 95% interval from Greenwood's variance on the log(-log) scale (J. D.
// Kalbfleisch, R. L. Prentice, The Statistical Analysis of Failure Time Data, 1980). Without `interval` the
// limits are undefined: the estimate is 0.
struct SurvivalStep {
  double seconds = 0;
  double alive = 1;  // the share that lasts longer than this
  std::optional<Interval> interval;
};

// The steps of the estimate in order of time: one for each duration at which a hang ended.
struct SurvivalCurve {
  std::vector<SurvivalStep> steps;
  double last_s = 0;  // the longest duration, censored or not
};
[[nodiscard]] SurvivalCurve survival(std::vector<Duration> durations);
// How many hangs are known to last at least `seconds`: those that can still be seen to end then.
[[nodiscard]] int at_risk(const std::vector<Duration>& durations, double seconds);

// The time that a share of `left` outlasts, with the 95% interval that inverts the limits of the curve (R.
// Brookmeyer, J. Crowley, A confidence interval for the median survival time, Biometrics 38, 1982). Where the
// curve is flat at exactly that share, the middle of the flat part. A value that is missing has no estimate:
// for `seconds`, more than that share outlasted watching; for `low` and `high`, too few hangs ended.
struct Quantile {
  std::optional<double> seconds;
  std::optional<double> low;
  std::optional<double> high;
};
[[nodiscard]] Quantile quantile(const SurvivalCurve& curve, double left = 0.5);

// "23.0 s (95%: 13.0 s to 31.5 s)", "23.0 s (95%: at least 13.0 s)", "10.0 s (too few for a 95% interval)".
// Without a median "no median: more than half outlasted watching (95%: at least 4.0 s)".
[[nodiscard]] std::string median_text(const Quantile& median, int decimals = 1);

// Whether two groups of durations differ: the log-rank test (N. Mantel, Evaluation of survival data and two
// new rank order statistics arising in its consideration, Cancer Chemotherapy Reports 50, 1966), and the
// ratio of their hazards by the one-step estimate exp((O - E) / V) (S. Yusuf et al., Beta blockade during and
// after myocardial infarction, Progress in Cardiovascular Diseases 27, 1985). A ratio below 1: hangs of the
// first group end later.
struct LogRank {
  double observed = 0;  // ends in the first group
  double expected = 0;  // ... if the groups do not differ
  double variance = 0;
  // None if nothing can be compared: no time at which one group could have had an end and the other not.
  std::optional<double> p;
  std::optional<double> hazard_ratio;
  std::optional<double> ratio_low;  // of its 95% interval
  std::optional<double> ratio_high;
};
[[nodiscard]] LogRank log_rank(const std::vector<Duration>& first, const std::vector<Duration>& second);
// The rest from observed, expected and variance.
[[nodiscard]] LogRank with_ratio(LogRank sums);

}  // namespace hangar::stats
