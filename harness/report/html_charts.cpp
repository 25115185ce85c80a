// SPDX-License-Identifier: GPL-2.0-only
// The sections with charts: the script of the page draws them into the places that are left for them. The
// figures are in tables too.
#include <fmt/format.h>

#include "harness/base/escape.h"
#include "harness/report/charts.h"
#include "harness/report/html_sections.h"
#include "harness/report/html_text.h"

namespace hangar::report {
namespace {

std::string place(const char* kind, size_t index) {
  return fmt::format("<div class=\"chart\" data-chart=\"{}\" data-index=\"{}\"></div>\n", kind, index);
}

std::string interval_text(const std::optional<stats::Interval>& interval) {
  return interval ? fmt::format("{:.3f} to {:.3f}", interval->low, interval->high) : "none";
}

std::string step_row(const Cell& cell, const stats::SurvivalStep& step) {
  return td(cell.label) + td(fmt::format("{:.1f}", step.seconds)) + td(fmt::format("{:.3f}", step.alive)) +
         td(interval_text(step.interval)) + td(fmt::format("{}", stats::at_risk(cell.hangs, step.seconds)));
}

std::string steps_table(const SurvivalChart& chart) {
  std::vector<std::string> rows;
  for (const Cell* cell : chart.cells) {
    for (const stats::SurvivalStep& step : cell->durations.steps) rows.push_back(step_row(*cell, step));
  }
  return table("Survival of hangs, " + chart.scenario,
               {"Kernel", "Seconds", "Share that lasts longer", "95% interval", "At risk"}, rows);
}

std::string survival_html(const SurvivalChart& chart, size_t index) {
  std::string html = "<h3>" + escape_html(chart.scenario) + "</h3>\n<ul class=\"key\">\n";
  for (size_t i = 0; i < chart.cells.size(); ++i) {
    html += fmt::format("<li class=\"c{}\"><b>{}</b> {}: {}</li>\n", i, static_cast<char>('A' + i),
                        escape_html(chart.cells[i]->label),
                        escape_html(compare::duration_text(chart.cells[i]->summary)));
  }
  return html + "</ul>\n" + place("survival", index) + folded("Figures of this chart", steps_table(chart));
}

std::string rate_html(const RateChart& chart, size_t index) {
  std::vector<std::string> rows;
  for (const RateBlock& block : chart.blocks) {
    rows.push_back(td(fmt::format("{} to {}", block.first, block.last)) + td(block.from + " to " + block.to) +
                   td(stats::rate_text(block.rate)));
  }
  return fmt::format("<h3>{} on {}</h3>\n", escape_html(chart.cell->scenario),
                     escape_html(chart.cell->label)) +
         place("rate", index) +
         folded("Figures of this chart", table("Blocks in order of time", {"Runs", "Started", "Rate"}, rows));
}

}  // namespace

std::string survival_section(const std::vector<Cell>& cells) {
  const auto charts = survival_charts(cells);
  if (charts.empty()) return "";
  std::string html = paragraph(
      "Of each run that hung, the longest hang: the share of these hangs that lasts longer than the time "
      "below (Kaplan-Meier estimate), with its 95% interval. A + is a hang that was still there when "
      "watching ended or when Hangar intervened (censored). The list gives medians; the numbers below the "
      "chart are of hangs that were still watched.");
  for (size_t i = 0; i < charts.size(); ++i) html += survival_html(charts[i], i);
  return section("survival", "How long hangs last", html);
}

std::string rates_section(const std::vector<Cell>& cells) {
  const auto charts = rate_charts(cells);
  if (charts.empty()) return "";
  std::string html = paragraph(
      "The share of runs that hung, in separate blocks of runs in order of time. Each block has an exact "
      "95% interval for itself: about one in 20 misses the true rate. The dashed line and the area are of "
      "all runs together. Blocks have no interval where a hang decided when the runs stopped.");
  for (size_t i = 0; i < charts.size(); ++i) html += rate_html(charts[i], i);
  return section("rates", "Hang rate in order of time", html);
}

}  // namespace hangar::report
