// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/json.h"

#include "harness/base/json.h"
#include "harness/report/json_parts.h"
#include "harness/report/status.h"
#include "harness/run/report.h"

namespace hangar::report {
namespace {

using nlohmann::ordered_json;

ordered_json run_json(const Run& run) {
  const ordered_json row = row_json(run.row);
  return {{"id", run.row.id},
          {"verdict", verdict_text(status_of(run))},
          {"why", reason_of(run)},
          {"started_at", or_null(started_at(run))},
          {"wall_s", run.record ? ordered_json(run.record->info.wall_s) : ordered_json()},
          {"end", run.row.end},
          {"directory", run.record ? or_null(run.record->directory.string()) : ordered_json()},
          {"hangs", row["hangs"]},
          {"kills", row["kills"]},
          {"crashes", row["crashes"]},
          {"tests", run::tests_json(subtests_of(run))}};
}

ordered_json cell_json(const Cell& cell) {
  ordered_json runs = ordered_json::array();
  for (const Run& run : cell.runs) runs.push_back(run_json(run));
  return {{"kernel", cell.kernel},
          {"kernel_release", or_null(release_of(cell))},
          {"label", cell.label},
          {"scenario", cell.scenario},
          {"machine", cell.machine},
          {"judged_as", or_null(cell.judged_as)},
          {"verdict", verdict_text(status_of(cell))},
          {"why", reason_of(cell)},
          {"hang_rate", run::hang_rate_json(cell.hang_rate)},
          {"boots", or_null(cell.boots)},
          {"median_longest_hang", median_json(cell)},
          {"runs", std::move(runs)}};
}

ordered_json comparison_json(const std::optional<compare::Comparison>& comparison) {
  if (!comparison) return nullptr;
  const auto parsed = parse_ordered_json(compare::to_json(*comparison));
  return parsed ? *parsed : ordered_json();
}

}  // namespace

std::string to_json(const Contents& contents) {
  ordered_json cells = ordered_json::array();
  for (const Cell& cell : contents.cells) cells.push_back(cell_json(cell));
  ordered_json boundaries = ordered_json::array();
  for (const Boundary& one : contents.boundaries) {
    boundaries.push_back(
        {{"scenario", one.scenario}, {"last_good", one.last_good}, {"first_bad", one.first_bad}});
  }
  ordered_json differences = ordered_json::array();
  for (const KernelDifference& one : contents.differences)
    differences.push_back({{"first", one.first}, {"second", one.second}, {"text", one.text}});
  const ordered_json report = {{"schema", "hangar.report/1"},
                               {"title", contents.title},
                               {"verdict", verdict_text(status_of(contents.cells))},
                               {"made_by", or_null(contents.made_by)},
                               {"cells", std::move(cells)},
                               {"boundaries", std::move(boundaries)},
                               {"comparison", comparison_json(contents.comparison)},
                               {"differences", std::move(differences)},
                               {"commands", contents.commands}};
  return json_text(report, 1) + "\n";
}

}  // namespace hangar::report
