// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

// What the next build is expected to take. Builds start from an object tree of a kernel that was built
// before: the farther the two are apart, the more files have to be compiled.
namespace hangar::bisect {

// Seconds against log2(1 + changes between the two), by least squares. What has to be compiled grows with
// distance, and less and less so, since many changes touch the same files.
class BuildCost {
 public:
  // `distance`: changes between the built revision and the nearest one that was built before.
  void add(int distance, double seconds);
  // The first build of all: nothing to start from is known.
  void add_first(double seconds);
  // `unknown` before the first build. The mean while fewer than `fitted_from` builds have a distance, or
  // while all have the same one.
  [[nodiscard]] double expected_s(int distance, double unknown) const;

  static constexpr int fitted_from = 4;

 private:
  [[nodiscard]] double mean_s(double unknown) const;

  std::vector<double> log_distance_;
  std::vector<double> seconds_;
  double first_s_ = 0;
  bool has_first_ = false;
};

}  // namespace hangar::bisect
