// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "harness/bisect/model.h"

// What runs of each revision are expected to teach about the hypotheses, in nats.
namespace hangar::bisect {

struct Gain {
  double per_run = 0;  // of the next run
  double limit = 0;    // of any number of runs
  double doubt = 0;    // the probability that the revision is bad, or good: the smaller one

  // Of `runs` runs: each one teaches the same share of what is left to learn.
  [[nodiscard]] double of(double runs) const;
};

// Of each revision. `per_run` is the extrinsic Jensen-Shannon divergence (M. Naghshvar, T. Javidi, M. Wigger,
// Extrinsic Jensen-Shannon divergence: applications to variable-length coding, IEEE Transactions on
// Information Theory 61, 2015). While no hypothesis is likely, it is the mutual information between outcome
// and hypothesis, which finds the culprit in few runs. Once one is likely, it is how fast the odds of that
// one grow, and confirming it takes few runs: mutual information alone is too small by then to choose well.
[[nodiscard]] std::vector<Gain> gains(const Graph& graph, const Belief& belief);

}  // namespace hangar::bisect
