// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/compare/row.h"
#include "harness/stats/cluster.h"

// The boots that the runs of one setting come from. Runs restored from one saved guest have its memory in
// common: they are one cluster, and a guest that was saved in an unusual state makes all of them unusual.
namespace hangar::compare {

struct BootRate {
  std::string boot;
  stats::Group rate;      // hung runs of all
  bool restored = false;  // a saved guest; else a guest that ran once
};

struct Boots {
  std::vector<BootRate> known;  // in the order of their first runs
  int unknown_runs = 0;         // runs that do not name their boot (rows of an older Hangar)
  // Whether all boots may have one rate; none: not to be tested, since no boot has several runs, there is one
  // boot only, or some are unknown.
  std::optional<stats::Homogeneity> homogeneity;
};

// `rows` are runs of one setting, without those that failed because of host errors.
[[nodiscard]] Boots boots_of(const std::vector<const Row*>& rows);

// Whether the interval of the rate takes the boots as its units.
[[nodiscard]] bool boots_differ(const Boots& boots);

// "5", "5 (p = 0.43)", "boots unknown", "5, and 20 runs of unknown boots".
[[nodiscard]] std::string boots_text(const Boots& boots);
// "6 of 6, 5 of 6, 0 of 6, 0 of 1 (not restored)".
[[nodiscard]] std::string rates_text(const Boots& boots);

}  // namespace hangar::compare
