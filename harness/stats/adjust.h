// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

namespace hangar::stats {

// The p values of one family of tests, adjusted so that the probability of any false alarm among them is at
// most the level that they are compared with (S. Holm, A simple sequentially rejective multiple test
// procedure, Scandinavian Journal of Statistics 6, 1979). In the order given, each at most 1.
[[nodiscard]] std::vector<double> holm(const std::vector<double>& p);

}  // namespace hangar::stats
