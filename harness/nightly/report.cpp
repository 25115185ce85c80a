// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/report.h"

#include <algorithm>

#include "harness/nightly/progress.h"

namespace hangar::nightly {
namespace {

constexpr std::size_t shown_nights = 7;

std::vector<Sample> before(const State& state, const Series& series) {
  std::vector<Sample> samples = recent_samples(state, series);
  std::erase_if(samples, [&](const Sample& sample) { return sample.night >= state.night->number; });
  if (samples.size() > shown_nights) samples.erase(samples.begin(), samples.end() - shown_nights);
  return samples;
}

SeriesRow row_of(const State& state, const Sample& sample) {
  SeriesRow row;
  row.series = sample.series;
  row.tonight = sample.tally;
  if (sample.decision) row.decision = sample.decision->kind;
  for (const Sample& earlier : before(state, sample.series)) row.before.push_back(earlier.tally);
  if (sample.series.target == release_target) return row;
  for (const Sample& one : before(state, {release_target, sample.series.scenario})) {
    if (!row.release) row.release.emplace();
    *row.release += one.tally;
  }
  return row;
}

void place(const Finding& finding, int night, Report& report) {
  if (finding.state == FindingState::suspected) {
    report.suspected.push_back(finding);
  } else if (finding.state == FindingState::cleared) {
    if (finding.closed == night) report.cleared.push_back(finding);
  } else if (finding.closed == night) {
    report.found.push_back(finding);
  } else if (is_open(finding)) {
    report.open.push_back(finding);
  }
  if (finding.state == FindingState::fixed && finding.fixed_night == night) report.fixed.push_back(finding);
}

NightResult result_of(const Report& report) {
  const Night& night = report.night;
  const bool failure = std::any_of(night.not_tested.begin(), night.not_tested.end(),
                                   [](const NotTested& one) { return one.failure; });
  if (failure || !night.stopped.empty()) return NightResult::incomplete;
  if (!report.found.empty() || !report.open.empty()) return NightResult::findings;
  const bool not_confirmed =
      std::any_of(report.cleared.begin(), report.cleared.end(),
                  [](const Finding& finding) { return !finding.bisect_error.empty(); });
  if (!night.not_tested.empty() || !report.suspected.empty() || not_confirmed) return NightResult::partial;
  const bool hits = std::any_of(report.rows.begin(), report.rows.end(),
                                [](const SeriesRow& row) { return row.tonight.hits > 0; });
  return hits ? NightResult::unchanged : NightResult::good;
}

}  // namespace

Report report_of(const NightlyFile& file, const State& state) {
  Report report;
  report.name = file.name;
  report.run = file.run;
  report.budget_s = std::chrono::duration<double>(file.budget).count();
  report.night = *state.night;
  for (const Finding& finding : state.findings) place(finding, report.night.number, report);
  for (const Sample& sample : report.night.samples) {
    if (!sample.ids.empty()) report.rows.push_back(row_of(state, sample));
  }
  report.result = result_of(report);
  return report;
}

}  // namespace hangar::nightly
