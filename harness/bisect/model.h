// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "harness/bisect/graph.h"

// The posterior distribution over the hypotheses of a bisection. Hypothesis i < size is "revision i is the
// culprit": the revisions that contain it are bad and share one hit rate, the others are good and share a
// lower one. Hypothesis 0 is thus "no change": the good end hits at the same rate as the bad end. Hypothesis
// `size` is "not reproduced": no revision hits more often than false alarms do. Both rates are unknown: the
// likelihood is integrated over a grid of them.
namespace hangar::bisect {

struct Counts {
  int hits = 0;
  int misses = 0;
  [[nodiscard]] int runs() const { return hits + misses; }
};

// What the next run of a bad or of a good revision is expected to show.
struct Forecast {
  double rate = 0.5;  // posterior mean of the hit rate
  double noise = 0;   // nats of the outcome that neither the hypothesis nor, in part, the rate explains
};

struct Likelihood {
  double log = 0;
  Forecast bad;
  Forecast good;
};

// The likelihood of these runs of bad and of good revisions.
[[nodiscard]] Likelihood likelihood(const Counts& bad, const Counts& good);
// The likelihood of runs that show false alarms only.
[[nodiscard]] Likelihood not_reproduced_likelihood(const Counts& all);

struct Hypothesis {
  double probability = 0;
  Forecast bad;
  Forecast good;
};
using Belief = std::vector<Hypothesis>;  // size + 1

// The probabilities before any run. `weights` has one value per revision, in proportion; that of revision 0
// is ignored. If it is empty, or has no positive value, all revisions are equally likely.
[[nodiscard]] std::vector<double> prior(int size, const std::vector<double>& weights);

// `bad[i]` are the runs of the revisions that contain revision i, `all` those of all revisions. A hypothesis
// with prior 0 is excluded. The probabilities are all 0 if every hypothesis is.
[[nodiscard]] Belief believe(const std::vector<double>& prior, const std::vector<Counts>& bad,
                             const Counts& all);

}  // namespace hangar::bisect
