// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/json.h"
#include "harness/nightly/night_page.h"

namespace hangar::nightly {
namespace {

using nlohmann::ordered_json;

ordered_json tally_json(const Tally& tally) {
  return {{"hits", tally.hits}, {"runs", tally.runs}, {"excluded", tally.excluded}};
}

ordered_json kernel_json(const Kernel& kernel) {
  return {{"name", kernel.name},
          {"revision", or_null(kernel.revision)},
          {"signature", or_null(kernel.signature)}};
}

ordered_json bisection_json(const Finding& finding) {
  if (!finding.bisected) return {};
  const Bisected& found = *finding.bisected;
  return {
      {"answer", found.answer},     {"culprit", or_null(found.culprit)}, {"subject", or_null(found.subject)},
      {"verified", found.verified}, {"id", or_null(found.id)},           {"base", or_null(found.base)}};
}

ordered_json finding_json(const Finding& finding) {
  const Assessment found = assess(finding.pairs, finding.terms);
  const bool known = found.answer == Answer::differ;
  ordered_json out = {{"id", finding.id},
                      {"target", finding.series.target},
                      {"scenario", finding.series.scenario},
                      {"state", finding.state},
                      {"change", finding.rose ? "more" : "less"},
                      {"first_night", finding.night},
                      {"first_date", finding.date},
                      {"reference", finding.reference},
                      {"good", kernel_json(finding.good)},
                      {"bad", kernel_json(finding.bad)},
                      {"good_runs", tally_json(found.good)},
                      {"bad_runs", tally_json(found.bad)},
                      {"difference", found.pairs == 0 ? ordered_json() : ordered_json(found.difference)},
                      {"low", known ? ordered_json(found.interval.low) : ordered_json()},
                      {"high", known ? ordered_json(found.interval.high) : ordered_json()},
                      {"p", found.p},
                      {"level", finding.terms.level},
                      {"bisection", bisection_json(finding)},
                      {"bisection_error", or_null(finding.bisect_error)},
                      {"text", finding.text},
                      {"text_error", or_null(finding.text_error)}};
  return out;
}

ordered_json findings_json(const std::vector<Finding>& findings) {
  ordered_json out = ordered_json::array();
  for (const Finding& finding : findings) out.push_back(finding_json(finding));
  return out;
}

ordered_json target_json(const TargetNight& target) {
  return {{"name", target.name},
          {"revision", or_null(target.revision)},
          {"subject", or_null(target.subject)},
          {"kernel", target.kernel ? kernel_json(*target.kernel) : ordered_json()},
          {"changed", target.changed},
          {"failed", or_null(target.failed)},
          {"reason", or_null(target.reason)}};
}

ordered_json row_json(const SeriesRow& row) {
  ordered_json before = ordered_json::array();
  for (const Tally& tally : row.before) before.push_back(tally_json(tally));
  return {{"target", row.series.target},
          {"scenario", row.series.scenario},
          {"tonight", tally_json(row.tonight)},
          {"before", std::move(before)},
          {"release", row.release ? tally_json(*row.release) : ordered_json()},
          {"decision", or_null(row.decision)}};
}

ordered_json not_tested_json(const NotTested& one) {
  return {{"target", one.series.target},
          {"scenario", one.series.scenario},
          {"reason", one.reason},
          {"failure", one.failure}};
}

template <typename T, typename Write>
ordered_json list_of(const std::vector<T>& items, Write&& write) {
  ordered_json out = ordered_json::array();
  for (const T& item : items) out.push_back(write(item));
  return out;
}

}  // namespace

std::string night_json(const Report& report) {
  const Night& night = report.night;
  const ordered_json out = {{"schema", "hangar.nightly/1"},
                            {"name", report.name},
                            {"night", night.number},
                            {"date", night.date},
                            {"result", report.result},
                            {"stopped", or_null(night.stopped)},
                            {"spent_s", night.spent_s},
                            {"found", findings_json(report.found)},
                            {"open", findings_json(report.open)},
                            {"fixed", findings_json(report.fixed)},
                            {"suspected", findings_json(report.suspected)},
                            {"cleared", findings_json(report.cleared)},
                            {"not_tested", list_of(night.not_tested, not_tested_json)},
                            {"targets", list_of(night.targets, target_json)},
                            {"series", list_of(report.rows, row_json)}};
  return json_text(out, 1) + "\n";
}

}  // namespace hangar::nightly
