// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>

// The hit rates of bad and of good revisions that the model considers, and their prior probabilities.
namespace hangar::bisect {

inline constexpr auto bad_rates =
    std::to_array<double>({0.02, 0.03, 0.045, 0.067, 0.1,  0.14, 0.19, 0.25, 0.32, 0.4,  0.48,
                           0.56, 0.64, 0.72,  0.79,  0.85, 0.9,  0.94, 0.97, 0.99, 0.998});
// The first one is "no false alarms".
inline constexpr auto good_rates =
    std::to_array<double>({0.0002, 0.004, 0.008, 0.015, 0.025, 0.045, 0.08, 0.13, 0.2, 0.3, 0.4});

// One value for each rate.
using OfBad = std::array<double, bad_rates.size()>;
using OfGood = std::array<double, good_rates.size()>;

struct RatePrior {
  std::array<OfGood, bad_rates.size()> pair = {};  // of a bad rate together with a good rate; sum 1
  OfGood false_alarms = {};                        // of a good rate, if nothing is bad; sum 1
};
[[nodiscard]] const RatePrior& rate_prior();

}  // namespace hangar::bisect
