// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "harness/base/json.h"

namespace hangar::report {
namespace {

using nlohmann::ordered_json;

ordered_json interval_json(const std::optional<stats::Interval>& interval) {
  if (!interval) return nullptr;
  return {interval->low, interval->high};
}

// Of a long curve, the steps after which it is lower by what can be seen.
std::vector<stats::SurvivalStep> visible_steps(const std::vector<stats::SurvivalStep>& steps) {
  constexpr std::size_t many = 1000;
  constexpr double visible = 1.0 / many;
  if (steps.size() <= many) return steps;
  std::vector<stats::SurvivalStep> kept;
  double alive = 1;
  for (const stats::SurvivalStep& step : steps) {
    if (alive - step.alive < visible && &step != &steps.back()) continue;
    alive = step.alive;
    kept.push_back(step);
  }
  return kept;
}

// When hangs were censored; of many, one time for each pixel.
std::vector<double> visible_marks(const Cell& cell) {
  constexpr double pixels = 1000;
  std::vector<double> times_s;
  std::map<double, double> by_pixel;
  for (const stats::Duration& hang : cell.hangs) {
    if (!hang.censored) continue;
    times_s.push_back(hang.seconds);
    by_pixel.try_emplace(std::round(hang.seconds / cell.durations.last_s * pixels), hang.seconds);
  }
  if (times_s.size() <= pixels) return times_s;
  times_s.clear();
  for (const auto& [pixel, seconds] : by_pixel) times_s.push_back(seconds);
  return times_s;
}

ordered_json curve_json(const Cell& cell, const std::vector<double>& times_s) {
  ordered_json steps = ordered_json::array();
  for (const stats::SurvivalStep& step : visible_steps(cell.durations.steps))
    steps.push_back({{"s", step.seconds}, {"alive", step.alive}, {"interval", interval_json(step.interval)}});
  ordered_json at_risk = ordered_json::array();
  for (const double time_s : times_s) at_risk.push_back(stats::at_risk(cell.hangs, time_s));
  return {{"label", cell.label},
          {"last_s", cell.durations.last_s},
          {"steps", steps},
          {"censored_s", visible_marks(cell)},
          {"at_risk", at_risk}};
}

double longest_s(const std::vector<const Cell*>& cells) {
  double longest = 0;
  for (const Cell* cell : cells) longest = std::max(longest, cell->durations.last_s);
  return longest;
}

}  // namespace

std::vector<SurvivalChart> survival_charts(const std::vector<Cell>& cells) {
  std::vector<SurvivalChart> charts;
  for (const Cell& cell : cells) {
    if (cell.hangs.empty()) continue;
    const auto chart = std::find_if(charts.begin(), charts.end(), [&](const SurvivalChart& one) {
      return one.scenario == cell.scenario && one.cells.size() < max_curves;
    });
    if (chart == charts.end()) {
      charts.push_back({cell.scenario, {&cell}, {}});
    } else {
      chart->cells.push_back(&cell);
    }
  }
  for (SurvivalChart& chart : charts) chart.times_s = risk_times(longest_s(chart.cells));
  return charts;
}

std::vector<RateChart> rate_charts(const std::vector<Cell>& cells) {
  std::vector<RateChart> charts;
  for (const Cell& cell : cells)
    if (auto blocks = rate_blocks(cell); !blocks.empty()) charts.push_back({&cell, std::move(blocks)});
  return charts;
}

std::vector<double> risk_times(double end_s) {
  constexpr std::array steps_s = {0.1, 0.2, 0.5, 1., 2., 5., 10., 15., 30., 60., 120., 300., 600., 1800.};
  constexpr double most_steps = 8;
  double step_s = steps_s.front();
  for (const double candidate_s : steps_s) {
    step_s = candidate_s;
    if (end_s / step_s <= most_steps) break;
  }
  while (end_s / step_s > most_steps) step_s *= 2;
  std::vector<double> times_s;
  for (int i = 0; i * step_s <= end_s; ++i) times_s.push_back(i * step_s);
  return times_s;
}

ordered_json survival_json(const std::vector<SurvivalChart>& charts) {
  ordered_json out = ordered_json::array();
  for (const SurvivalChart& chart : charts) {
    ordered_json curves = ordered_json::array();
    for (const Cell* cell : chart.cells) curves.push_back(curve_json(*cell, chart.times_s));
    out.push_back({{"scenario", chart.scenario},
                   {"end_s", longest_s(chart.cells)},
                   {"times_s", chart.times_s},
                   {"curves", curves}});
  }
  return out;
}

ordered_json rates_json(const std::vector<RateChart>& charts) {
  ordered_json out = ordered_json::array();
  for (const RateChart& chart : charts) {
    ordered_json blocks = ordered_json::array();
    for (const RateBlock& block : chart.blocks) {
      blocks.push_back({{"first", block.first},
                        {"last", block.last},
                        {"from", block.from},
                        {"to", block.to},
                        {"hits", block.rate.hits},
                        {"runs", block.rate.runs},
                        {"interval", interval_json(block.rate.interval)}});
    }
    const stats::RateEstimate& all = chart.cell->hang_rate;
    out.push_back({{"label", chart.cell->label},
                   {"scenario", chart.cell->scenario},
                   {"hits", all.hits},
                   {"runs", all.runs},
                   {"interval", interval_json(all.interval)},
                   {"blocks", blocks}});
  }
  return out;
}

}  // namespace hangar::report
