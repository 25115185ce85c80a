// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/compare/arm.h"
#include "harness/stats/cluster.h"

// Whether the hang rate of one kernel stayed the same while it was measured. Rates drift: a public report of
// 2026 has a hang usually within 5 runs, and then 50 clean ones.
namespace hangar::compare {

struct Steadiness {
  std::string arm;
  std::string scenario;
  std::string by;  // "time": thirds of the runs in their order; "boot": the boots that the runs come from
  double p = 1;    // of the exact test that all have one rate
  std::vector<stats::Group> groups;
};

inline constexpr std::size_t time_blocks = 3;

// Thirds of `rows`, in their order. Each has two runs or more, or there is one block.
[[nodiscard]] std::vector<Rows> in_time_blocks(const Rows& rows);

// The strata within which the runs of two arms are compared: each node, and thirds of its runs if the rate
// changed over time.
struct StrataWithin {
  std::vector<BothRows> strata;
  std::size_t nodes = 1;
  // "; ..." for a question about these runs; `rate` names what changed over time.
  [[nodiscard]] std::string text(const std::string& rate) const;
};
[[nodiscard]] StrataWithin strata_within(const Rows& first, const Rows& second, bool drifted);

// Whether the rate changed over time: the test of steadiness_of() for it alone.
[[nodiscard]] bool drifts(const Rows& rows);

// The tests that can be made of these runs, which are in the order of time.
[[nodiscard]] std::vector<Steadiness> steadiness_of(const std::string& arm, const std::string& scenario,
                                                    const Rows& rows);

// Whether one of `tests` shows that the rate changed over "time" or over "boot".
[[nodiscard]] bool changes_over(const std::string& by, const std::vector<Steadiness>& tests);

}  // namespace hangar::compare
