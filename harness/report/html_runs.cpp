// SPDX-License-Identifier: GPL-2.0-only
// The sections about single runs and about their stacks. The script of the page fills a run when it is
// opened.
#include <fmt/format.h>

#include "harness/base/escape.h"
#include "harness/base/text.h"
#include "harness/report/html_sections.h"
#include "harness/report/html_text.h"

namespace hangar::report {
namespace {

constexpr size_t max_stacks = 10;      // of a cell
constexpr size_t max_named_runs = 10;  // of a stack

std::string run_html(const Run& run, size_t index) {
  const char* hangs = hung(run) ? "yes" : "no";
  return fmt::format(
      "<details class=\"run\" id=\"run-{0}\" data-run=\"{0}\" data-verdict=\"{1}\" data-hung=\"{2}\">"
      "<summary>{3} <code>{4}</code> <span class=\"why\">{5}</span></summary>\n"
      "<div class=\"run-body\"><p>Command: <code>hangar log {4}</code></p></div></details>\n",
      index, to_text(run.verdict), hangs, verdict_html(run.verdict), escape_html(run.row.id),
      escape_html(run.why));
}

std::string filter_html() {
  return "<form class=\"filter\" hidden><label>Show <select id=\"filter-verdict\">"
         "<option value=\"\">all runs</option><option value=\"fail\">runs that failed</option>"
         "<option value=\"hung\">runs that hung</option><option value=\"pass\">runs that passed</option>"
         "<option value=\"inconclusive\">inconclusive runs</option>"
         "<option value=\"infra-error\">runs with host errors</option></select></label> "
         "<label>with the text <input id=\"filter-text\" type=\"search\" autocomplete=\"off\"></label> "
         "<output id=\"filter-count\"></output></form>\n";
}

// "100 of 5000 runs are listed", or "" if all are.
std::string left_out_html(const std::vector<Cell>& cells, const PageRuns& runs) {
  std::size_t all = 0;
  for (const Cell& cell : cells) all += cell.runs.size();
  if (all == runs.places.size()) return "";
  return paragraph(
      fmt::format("{} of {} runs are listed, those that failed or hung first. Rates, durations and "
                  "charts are of all runs. `hangar list runs` lists all.",
                  runs.places.size(), all));
}

std::string stack_html(const StackGroup& group) {
  std::string states;
  for (const auto& [state, count] : group.states) states += fmt::format(", {} in state {}", count, state);
  std::vector<std::string> named(
      group.runs.begin(),
      group.runs.begin() + static_cast<std::ptrdiff_t>(std::min(group.runs.size(), max_named_runs)));
  std::string runs = join(named, ", ");
  if (group.runs.size() > named.size()) runs += fmt::format(" and {} more", group.runs.size() - named.size());
  const std::string text = fmt::format("{} stack{}{} in {} run{}: {}. First at line {} of {}.", group.count,
                                       group.count == 1 ? "" : "s", states, group.runs.size(),
                                       group.runs.size() == 1 ? "" : "s", group.who, group.line, runs);
  return paragraph(text) + "<pre tabindex=\"0\">" + escape_html(join(group.frames, "\n")) + "</pre>\n";
}

}  // namespace

std::string runs_section(const std::vector<Cell>& cells, const PageRuns& runs) {
  std::string html = paragraph(
      "Open a run for its timeline, the events, the proof of its verdict and its log. Times are seconds "
      "since QEMU started (of a restored run: since it was resumed).");
  html += left_out_html(cells, runs) + filter_html();
  size_t index = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    html += fmt::format("<h3 id=\"cell-{}\">{} on {}</h3>\n", i, escape_html(cells[i].scenario),
                        escape_html(cells[i].label));
    html += "<div class=\"runs\">\n";
    for (const Run* run : runs.listed[i]) html += run_html(*run, index++);
    html += "</div>\n";
  }
  return section("runs", "Runs", html);
}

std::string stacks_section(const std::vector<Cell>& cells, const PageRuns& runs) {
  std::string html;
  for (size_t i = 0; i < cells.size(); ++i) {
    const Stacks& stacks = runs.stacks[i];
    if (stacks.size() == 0) continue;
    std::string groups;
    for (const StackGroup& group : stacks.sorted(max_stacks)) groups += stack_html(group);
    if (stacks.size() > max_stacks) {
      groups += paragraph(fmt::format("{} further kinds of stacks are not shown; see `hangar log --stacks`.",
                                      stacks.size() - max_stacks));
    }
    html += folded(fmt::format("{} on {}: {} kind{} of stacks", cells[i].scenario, cells[i].label,
                               stacks.size(), stacks.size() == 1 ? "" : "s"),
                   groups);
  }
  if (html.empty()) return "";
  return section("stacks", "Where tasks wait",
                 paragraph("Stacks of tasks in the logs of runs that hung or failed, alike ones together: "
                           "first those that the most runs have.") +
                     html);
}

std::string words_section() {
  return section(
      "words", "Words on this page",
      "<dl>\n"
      "<dt>run</dt><dd>One boot of a kernel in a virtual machine with one reproducer.</dd>\n"
      "<dt>scenario</dt><dd>A reproducer, a machine, and what is expected of each kernel.</dd>\n"
      "<dt>hang</dt><dd>A stretch of time without a sign of life that is longer than the scenario allows. "
      "In a memory-stall the kernel still schedules, but ordinary programs do not get memory.</dd>\n"
      "<dt>censored</dt><dd>The hang was still there when watching ended or when Hangar intervened: its "
      "duration is a lower bound.</dd>\n"
      "<dt>pulse</dt><dd>A process in the guest that needs no memory. While it beats, the kernel "
      "schedules.</dd>\n"
      "<dt>probe</dt><dd>A process in the guest that does what ordinary programs do: fork, fault a page in, "
      "read a file.</dd>\n"
      "<dt>progress</dt><dd>The counter of the reproducer.</dd>\n"
      "<dt>key sent</dt><dd>A SysRq key that Hangar sent to the guest, for a report or to end a hang.</dd>\n"
      "<dt>report</dt><dd>A report of the kernel's hang detectors that is not part of a hang.</dd>\n"
      "<dt>finding</dt><dd>What Hangar concludes from the log, with the lines that show it.</dd>\n"
      "<dt>host busy</dt><dd>Other load of the host disturbed the run: its times cannot be trusted.</dd>\n"
      "<dt>vCPU waits</dt><dd>The share of each second that the worst virtual CPU waited for a CPU of the "
      "host; a larger dot is a larger share.</dd>\n"
      "<dt>pass, fail</dt><dd>The run was, or was not, as the scenario expects of this kernel. A kernel with "
      "a known bug passes when it hangs as expected.</dd>\n"
      "<dt>inconclusive</dt><dd>The run does not decide what was expected.</dd>\n"
      "<dt>infra-error</dt><dd>The host or Hangar failed. The run is not counted.</dd>\n"
      "<dt>95% interval</dt><dd>The rates, or durations, that fit what was observed.</dd>\n"
      "</dl>\n");
}

}  // namespace hangar::report
