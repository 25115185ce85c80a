// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/report/cells.h"
#include "harness/report/rates.h"

// The charts over all runs: what each shows, and its figures for the script of the page, which only draws.
namespace hangar::report {

// Survival curves of cells of one scenario.
struct SurvivalChart {
  std::string scenario;
  std::vector<const Cell*> cells;
  std::vector<double> times_s;  // at which the numbers at risk are given
};
// Cells with hung runs, at most `max_curves` in one chart.
inline constexpr std::size_t max_curves = 6;
[[nodiscard]] std::vector<SurvivalChart> survival_charts(const std::vector<Cell>& cells);

struct RateChart {
  const Cell* cell = nullptr;
  std::vector<RateBlock> blocks;
};
// Of each cell that has enough runs.
[[nodiscard]] std::vector<RateChart> rate_charts(const std::vector<Cell>& cells);

// 0 and multiples of a round number up to `end_s`, at most 9 times.
[[nodiscard]] std::vector<double> risk_times(double end_s);

[[nodiscard]] nlohmann::ordered_json survival_json(const std::vector<SurvivalChart>& charts);
[[nodiscard]] nlohmann::ordered_json rates_json(const std::vector<RateChart>& charts);

}  // namespace hangar::report
