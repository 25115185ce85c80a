// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/nightly_page.h"

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/report_runs.h"
#include "harness/nightly/night_page.h"
#include "harness/report/html.h"

namespace hangar::cli {
namespace {

using nightly::FindingText;
using nightly::Report;
using nightly::SeriesRow;
using nightly::Tally;
using report::Preface;

// One that is described in full has a table for itself.
void add_finding(const FindingText& finding, Preface::Part& part) {
  if (finding.statements.empty()) {
    if (part.tables.empty()) part.tables.push_back({part.title, {"Finding", "What"}, {}});
    part.tables.back().rows.push_back({{finding.id, {}}, {finding.headline, {}}});
    return;
  }
  Preface::Table& table =
      part.tables.emplace_back(Preface::Table{finding.id + ": " + finding.headline, {"About", "What"}, {}});
  for (const nightly::Statement& one : finding.statements)
    table.rows.push_back({{one.label, {}}, {one.text, {}}});
}

Preface::Part not_tested_part(const Report& report) {
  Preface::Table table{"Series by reason", {"Reason", "Series"}, {}};
  for (const nightly::Untested& one : nightly::untested_of(report))
    table.rows.push_back({{one.reason, {}}, {join(one.series, ", "), {}}});
  return {"Not tested", {std::move(table)}};
}

Preface::Part targets_part(const Report& report) {
  Preface::Table table{"What is followed", {"Target", "Tonight"}, {}};
  for (const nightly::TargetNight& target : report.night.targets)
    table.rows.push_back({{nightly::one_line(target.name), {}}, {nightly::state_of(target), {}}});
  return {"Targets", {std::move(table)}};
}

std::vector<Preface::Field> series_row(const SeriesRow& row) {
  Preface::Field nights;
  std::vector<std::string> fractions;
  for (const Tally& tally : row.before) {
    nights.shares.push_back(tally.rate());
    fractions.push_back(nightly::fraction_text(tally));
  }
  nights.shares.push_back(row.tonight.rate());
  nights.text = fractions.empty() ? "first night" : join(fractions, " ");
  std::string tonight = nightly::fraction_text(row.tonight);
  if (row.tonight.excluded > 0) tonight += fmt::format(", {} excluded", row.tonight.excluded);
  if (row.decision) tonight += "; " + to_string(*row.decision);
  return {{nightly::one_line(name_of(row.series)), {}},
          {tonight, {}},
          std::move(nights),
          {row.release ? nightly::fraction_text(*row.release) : "", {}}};
}

Preface::Part series_part(const Report& report) {
  Preface::Table table{
      "Runs that failed or hung, of all that count. Bars: the nights before, and tonight at the right end",
      {"Series", "Tonight", "Nights before", "Release"},
      {}};
  for (const SeriesRow& row : report.rows) table.rows.push_back(series_row(row));
  return {"History", {std::move(table)}};
}

// Of all runs of the night.
std::vector<std::string> ids_of(const Report& report) {
  std::vector<std::string> ids;
  for (const nightly::Sample& sample : report.night.samples)
    ids.insert(ids.end(), sample.ids.begin(), sample.ids.end());
  for (const auto* findings : {&report.found, &report.cleared, &report.suspected}) {
    for (const nightly::Finding& finding : *findings) {
      const auto runs = nightly::runs_of(finding);
      ids.insert(ids.end(), runs.begin(), runs.end());
    }
  }
  return ids;
}

}  // namespace

Preface preface_of(const Report& report) {
  Preface preface;
  preface.summary = nightly::summary_of(report);
  if (!report.night.stopped.empty())
    preface.summary += ". The night ended early: " + nightly::one_line(report.night.stopped);
  for (const nightly::FindingGroup& group : nightly::groups_of(report)) {
    Preface::Part part{group.title, {}};
    for (const FindingText& finding : group.findings) add_finding(finding, part);
    preface.parts.push_back(std::move(part));
  }
  if (!report.night.not_tested.empty()) preface.parts.push_back(not_tested_part(report));
  if (!report.rows.empty()) preface.parts.push_back(series_part(report));
  preface.parts.push_back(targets_part(report));
  return preface;
}

Result<void> write_night_html(const nightly::NightlyFile& file, const Report& report, const Home& home,
                              const std::string& tree, Terminal& terminal) {
  if (file.reports.empty()) return {};
  report::Contents contents;
  const auto ids = ids_of(report);
  if (file.run.empty() && !ids.empty()) {
    TRY_ASSIGN(contents, read_contents(ids, home, tree, terminal));
  }
  contents.title = nightly::title_of(report);
  contents.preface = preface_of(report);
  contents.made_by = "hangar " HANGAR_VERSION;
  TRY_ASSIGN(const std::string page, report::to_html(contents));
  return write_file_durably(file.reports / fmt::format("night-{}.html", report.night.number), page);
}

}  // namespace hangar::cli
