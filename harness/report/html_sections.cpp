// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/html_sections.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/escape.h"
#include "harness/base/text.h"
#include "harness/compare/cell.h"
#include "harness/report/html_text.h"

namespace hangar::report {
namespace {

std::string nav(const Contents& contents) {
  std::string links;
  for (std::size_t i = 0; contents.preface && i < contents.preface->parts.size(); ++i) {
    links +=
        fmt::format("<a href=\"#part-{}\">{}</a> ", i + 1, escape_html(contents.preface->parts[i].title));
  }
  if (contents.cells.empty()) return "<nav aria-label=\"Sections\">" + links + "</nav>\n";
  links += "<a href=\"#result\">Result</a> ";
  const bool hung = std::any_of(contents.cells.begin(), contents.cells.end(),
                                [](const Cell& cell) { return !cell.hangs.empty(); });
  if (hung) links += "<a href=\"#survival\">How long hangs last</a> ";
  links += "<a href=\"#runs\">Runs</a> ";
  if (!contents.commands.empty()) links += "<a href=\"#commands\">Commands</a> ";
  return "<nav aria-label=\"Sections\">" + links + "<a href=\"#words\">Words</a></nav>\n";
}

// "2026-11-23T02:15:30Z to 2026-11-23T04:00:12Z"; "" if no start is known.
std::string period(const std::vector<Cell>& cells) {
  std::string first;
  std::string last;
  for (const Cell& cell : cells) {
    for (const Run& run : cell.runs) {
      const std::string at = started_at(run);
      if (at.empty()) continue;
      if (first.empty() || at < first) first = at;
      last = std::max(last, at);
    }
  }
  if (first.empty()) return "";
  return first == last ? first : first + " to " + last;
}

// What the reader must know of the runs behind a rate.
std::string rate_notes(const Cell& cell) {
  std::vector<std::string> notes;
  const int excluded = static_cast<int>(cell.runs.size()) - cell.tally.runs;
  if (excluded > 0) notes.push_back(fmt::format("{} more not counted", excluded));
  if (cell.summary.suspect > 0)
    notes.push_back(fmt::format("{} hung while the host was busy", cell.summary.suspect));
  if (cell.summary.restored > 0 && cell.boots)
    notes.push_back(fmt::format("from {} boot{}", *cell.boots, *cell.boots == 1 ? "" : "s"));
  return notes.empty() ? "" : "<br><small>" + escape_html(join(notes, "; ")) + "</small>";
}

std::string cell_row(const Cell& cell) {
  std::string about = cell.scenario;
  if (!cell.judged_as.empty()) about += "; judged as " + cell.judged_as;
  return fmt::format("<th scope=\"row\">{}<br><small>{}</small></th><td>{}</td><td>{}{}</td>",
                     escape_html(cell.label), escape_html(about), verdict_html(cell.verdict),
                     escape_html(stats::rate_text(cell.hang_rate)), rate_notes(cell)) +
         td(compare::duration_text(cell.summary)) + td(compare::kills_text(cell.summary)) +
         td(join(cell.summary.victims, ", ")) + td(cell.why);
}

// What was expected of all runs of a cell together.
std::string cell_judgements(const std::vector<Cell>& cells) {
  std::vector<std::string> rows;
  for (const Cell& cell : cells) {
    for (const verdict::Judgement& judgement : cell.judgements) {
      rows.push_back(td(cell.label) + td(cell.scenario) + "<td>" + verdict_html(judgement.verdict) + "</td>" +
                     td(judgement.text) + td(judgement.got));
    }
  }
  if (rows.empty()) return "";
  return table("Expectations of all runs together", {"Kernel", "Scenario", "Verdict", "Expected", "Got"},
               rows);
}

std::vector<std::string> names_of(const std::vector<Cell>& cells, const std::string Cell::*name) {
  std::vector<std::string> names;
  for (const Cell& cell : cells)
    if (std::find(names.begin(), names.end(), cell.*name) == names.end()) names.push_back(cell.*name);
  return names;
}

std::string matrix_cell(const std::vector<Cell>& cells, const std::string& label,
                        const std::string& scenario) {
  const auto found = std::find_if(cells.begin(), cells.end(), [&](const Cell& cell) {
    return cell.label == label && cell.scenario == scenario;
  });
  if (found == cells.end()) return "<td>not run</td>";
  return fmt::format("<td>{} <a href=\"#cell-{}\">{} of {} hung</a></td>", verdict_html(found->verdict),
                     found - cells.begin(), found->tally.hangs, found->tally.runs);
}

std::string answer_row(const compare::Question& question) {
  const auto p = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.3g}", *value) : "";
  };
  return td(join(question.arms, " and ")) + td(question.scenario.empty() ? "all" : question.scenario) +
         td(to_string(question.what)) + td(to_string(question.says)) + td(question.text) + td(p(question.p)) +
         td(p(question.p_adjusted));
}

std::string answers(const compare::Comparison& comparison, compare::Family family, const char* caption) {
  std::vector<std::string> rows;
  for (const compare::Question& question : comparison.questions)
    if (question.family == family) rows.push_back(answer_row(question));
  if (rows.empty()) return "";
  return table(caption, {"Kernels", "Scenario", "What is compared", "Answer", "Counts", "p", "p, adjusted"},
               rows);
}

}  // namespace

std::string header_section(const Contents& contents) {
  std::string out = "<header>\n<h1>" + escape_html(contents.title) + "</h1>\n" +
                    (contents.preface ? paragraph(contents.preface->summary)
                                      : "<p>" + verdict_html(contents.verdict) + "</p>\n");
  const std::string when = period(contents.cells);
  if (!when.empty()) out += paragraph("Runs started " + when + ".");
  if (contents.cells.empty()) return out + nav(contents) + "</header>\n";
  out +=
      "<noscript><p>The charts, the timelines and the logs of this page need JavaScript. The rest does "
      "not.</p></noscript>\n";
  return out + nav(contents) + "</header>\n";
}

std::string result_section(const Contents& contents) {
  std::vector<std::string> rows;
  for (const Cell& cell : contents.cells) rows.push_back(cell_row(cell));
  return section("result", "Result",
                 table("Result by kernel and scenario",
                       {"Kernel and scenario", "Verdict", "Runs that hung", "Longest hang, median",
                        "Processes killed per run", "Victims", "Why"},
                       rows) +
                     cell_judgements(contents.cells));
}

std::string boundary_section(const Contents& contents) {
  if (contents.boundaries.empty()) return "";
  std::vector<std::string> rows;
  for (const Boundary& boundary : contents.boundaries)
    rows.push_back(td(boundary.scenario) + td(boundary.last_good) + td(boundary.first_bad));
  return section("boundary", "Last good and first bad kernel",
                 table("In the order of the versions", {"Scenario", "Last good", "First bad"}, rows));
}

std::string matrix_section(const std::vector<Cell>& cells) {
  if (cells.size() < 2) return "";
  const auto scenarios = names_of(cells, &Cell::scenario);
  std::vector<std::string> titles = {"Kernel"};
  titles.insert(titles.end(), scenarios.begin(), scenarios.end());
  std::vector<std::string> rows;
  for (const std::string& label : names_of(cells, &Cell::label)) {
    std::string row = "<th scope=\"row\">" + escape_html(label) + "</th>";
    for (const std::string& scenario : scenarios) row += matrix_cell(cells, label, scenario);
    rows.push_back(row);
  }
  return section("matrix", "Kernels and scenarios",
                 table("Verdict of each kernel in each scenario", titles, rows));
}

std::string comparison_section(const Contents& contents) {
  if (!contents.comparison) return "";
  constexpr size_t many_arms = 6;
  const compare::Comparison& comparison = *contents.comparison;
  const std::string html = paragraph(comparison.sentence) +
                           answers(comparison, compare::Family::primary, "Whether the kernels differ") +
                           folded("Exploratory questions", answers(comparison, compare::Family::exploratory,
                                                                   "Where further differences may be"));
  const auto& arms = comparison.arms;
  return section("comparison", "Comparison",
                 arms.size() <= many_arms
                     ? html
                     : folded(fmt::format("{} kernels, compared with the first one", arms.size() - 1), html));
}

std::string differences_section(const Contents& contents) {
  if (contents.differences.empty()) return "";
  std::string html;
  for (const KernelDifference& difference : contents.differences) {
    html += fmt::format("<h3>{} and {}</h3>\n<pre tabindex=\"0\">{}</pre>\n", escape_html(difference.first),
                        escape_html(difference.second), escape_html(difference.text));
  }
  return section("differences", "Differences in patches and configuration", html);
}

std::string commands_section(const Contents& contents) {
  if (contents.commands.empty()) return "";
  return section("commands", "Commands that repeat the runs",
                 "<pre tabindex=\"0\">" + escape_html(join(contents.commands, "\n")) + "</pre>\n");
}

std::string footer_section(const Contents& contents) {
  return contents.made_by.empty()
             ? ""
             : "<footer>\n" + paragraph("Made by " + contents.made_by + ".") + "</footer>\n";
}

}  // namespace hangar::report
