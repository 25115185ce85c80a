// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/night_page.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::nightly {
namespace {

constexpr std::size_t columns = 72;

// Words in lines of at most 72 columns, the first one behind `begin`, the others indented by as much.
std::string paragraph(const std::string& begin, const std::string& text) {
  std::string lines;
  std::string line = begin;
  bool first = true;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    if (!first && line.size() + 1 + word.size() > columns) {
      lines += line + "\n";
      line = std::string(begin.size(), ' ');
      first = true;
    }
    line += first ? "" : " ";
    line += word;
    first = false;
  }
  return lines + line + "\n";
}

std::string text_of(const FindingText& finding) {
  std::string text = paragraph(fmt::format("  {:<6} ", finding.id), finding.headline);
  for (const Statement& one : finding.statements) {
    const std::string label = fmt::format("    {:<9}", one.label + ":");
    text += one.command ? label + one.text + "\n" : paragraph(label, one.text);
  }
  return text;
}

std::string not_tested_text(const Report& report) {
  const std::vector<Untested> all = untested_of(report);
  std::string text = all.empty() ? "" : "\nNot tested\n";
  for (const Untested& one : all)
    text += paragraph("  ", fmt::format("{}: {}", one.reason, join(one.series, ", ")));
  return text;
}

std::string row_text(const SeriesRow& row) {
  std::vector<std::string> before;
  for (const Tally& tally : row.before) before.push_back(fraction_text(tally));
  const std::string excluded =
      row.tonight.excluded == 0 ? "" : fmt::format(", {} excluded", row.tonight.excluded);
  const std::string release = row.release ? "; release " + fraction_text(*row.release) : "";
  const std::string moved = row.decision == DecisionKind::moved ? "; the machine changed its rate" : "";
  return paragraph("  ", fmt::format("{}: {} runs failed or hung{}; before {}{}{}",
                                     one_line(name_of(row.series)), counts_text(row.tonight), excluded,
                                     before.empty() ? "nothing" : join(before, " "), release, moved));
}

}  // namespace

std::string title_of(const Report& report) {
  return fmt::format("hangar nightly {}, night {}, {}: {} of {}", report.name, report.night.number,
                     one_line(report.night.date), format_seconds(report.night.spent_s),
                     format_seconds(report.budget_s));
}

std::string state_of(const TargetNight& target) {
  if (target.kernel) {
    return fmt::format("{}, {} {}", target.changed ? "new" : "as before", one_line(target.revision),
                       one_line(target.subject));
  }
  return fmt::format("{} failed: {}", to_string(target.failed.value_or(Failed::build)),
                     one_line(target.reason));
}

std::vector<Untested> untested_of(const Report& report) {
  std::vector<Untested> all;
  for (const NotTested& one : report.night.not_tested) {
    const std::string reason = one_line(one.reason);
    auto found = std::find_if(all.begin(), all.end(),
                              [&](const Untested& untested) { return untested.reason == reason; });
    if (found == all.end()) found = all.insert(found, {reason, {}});
    found->series.push_back(one_line(name_of(one.series)));
  }
  return all;
}

std::vector<FindingGroup> groups_of(const Report& report) {
  std::vector<FindingGroup> groups;
  const auto add = [&](const char* title, const std::vector<Finding>& findings, auto&& write) {
    if (findings.empty()) return;
    groups.push_back({title, {}});
    for (const Finding& finding : findings) groups.back().findings.push_back(write(finding));
  };
  add("New", report.found, [&](const Finding& finding) { return full_text(finding, report.run); });
  add("Open", report.open, short_text);
  add("Fixed tonight", report.fixed, short_text);
  add("Suspected, not confirmed", report.suspected, suspected_text);
  add("Suspected tonight, and cleared", report.cleared, suspected_text);
  return groups;
}

std::string summary_of(const Report& report) {
  return fmt::format("{}: {} new, {} open, {} suspected, {} not tested", to_string(report.result),
                     report.found.size(), report.open.size(), report.suspected.size(),
                     report.night.not_tested.size());
}

std::string night_text(const Report& report) {
  std::string text = paragraph("", title_of(report)) + paragraph("", summary_of(report));
  if (!report.night.stopped.empty())
    text += paragraph("", fmt::format("The night ended early: {}", one_line(report.night.stopped)));
  for (const FindingGroup& group : groups_of(report)) {
    text += fmt::format("\n{}\n", group.title);
    for (const FindingText& finding : group.findings) text += text_of(finding);
  }
  text += not_tested_text(report);
  text += "\nTargets\n";
  for (const TargetNight& target : report.night.targets)
    text += paragraph("  ", fmt::format("{}: {}", one_line(target.name), state_of(target)));
  if (!report.rows.empty()) text += "\nRuns tonight, and on the nights before\n";
  for (const SeriesRow& row : report.rows) text += row_text(row);
  return text;
}

std::string text_about(const NightlyFile& file, int night, const std::vector<Finding*>& findings) {
  const std::string what =
      findings.size() == 1 ? headline_of(*findings.front()) : fmt::format("{} new findings", findings.size());
  std::string text = paragraph("", fmt::format("hangar nightly {}: {}", file.name, what));
  for (const Finding* finding : findings) text += "\n" + text_of(full_text(*finding, file.run));
  if (file.reports.empty()) return text;
  return text + fmt::format("\nThe report of this night: {}\n",
                            one_line((file.reports / fmt::format("night-{}.txt", night)).string()));
}

}  // namespace hangar::nightly
