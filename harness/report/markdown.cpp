// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/markdown.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/report/status.h"

namespace hangar::report {
namespace {

size_t longest_backticks(std::string_view text) {
  size_t longest = 0;
  size_t here = 0;
  for (const char c : text) {
    here = c == '`' ? here + 1 : 0;
    longest = std::max(longest, here);
  }
  return longest;
}

// A code block: its fence is longer than any in the text, which thus cannot end it.
std::string code_block(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += sanitize_for_terminal(line) + "\n";
  const std::string fence(std::max<size_t>(3, longest_backticks(text) + 1), '`');
  return fmt::format("{}\n{}{}\n\n", fence, text, fence);
}

std::string cells_table(const std::vector<Cell>& cells) {
  std::string text =
      "| kernel | scenario | verdict | hung | median of the longest hang | OOM kills | victims |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n";
  for (const Cell& cell : cells) {
    text += markdown_row({cell.label, cell.scenario, verdict_text(status_of(cell)), rate_text(cell),
                          compare::duration_text(cell.summary), compare::kills_text(cell.summary),
                          cell.summary.victims.empty() ? "-" : join(cell.summary.victims, ", ")});
  }
  return text + "\n";
}

std::string boundaries_text(const std::vector<Boundary>& boundaries) {
  std::string text;
  for (const Boundary& one : boundaries) {
    text += fmt::format("Scenario {}: {} is the last kernel that passes, {} the first one that fails.\n\n",
                        escape_markdown(one.scenario), escape_markdown(one.last_good),
                        escape_markdown(one.first_bad));
  }
  return text;
}

std::string run_section(const Cell& cell, const Run& run) {
  std::string text = fmt::format("### {} on {}: {}\n\nRun {}: {}\n\n", escape_markdown(cell.scenario),
                                 escape_markdown(cell.label), verdict_text(status_of(run)),
                                 escape_markdown(run.row.id), escape_markdown(reason_of(run)));
  std::vector<std::string> lines = facts_of(run);
  const std::vector<std::string> proof = proof_of(run);
  lines.insert(lines.end(), proof.begin(), proof.end());
  return lines.empty() ? text : text + code_block(lines);
}

std::string failures_section(const std::vector<Cell>& cells) {
  std::string text;
  for (const Cell& cell : cells) {
    for (const Run& run : cell.runs)
      if (status_of(run) != Status::pass) text += run_section(cell, run);
    const std::vector<std::string> proof = proof_of(cell);
    if (proof.empty()) continue;
    text += fmt::format("### {} on {}: all runs\n\n", escape_markdown(cell.scenario),
                        escape_markdown(cell.label)) +
            code_block(proof);
  }
  return text.empty() ? "" : "## Runs that did not pass\n\n" + text;
}

std::string differences_section(const std::vector<KernelDifference>& differences) {
  std::string text;
  for (const KernelDifference& one : differences) {
    std::vector<std::string> lines;
    for (const std::string_view line : split(trim(one.text), '\n')) lines.emplace_back(line);
    text += fmt::format("## From {} to {}\n\n", escape_markdown(one.first), escape_markdown(one.second)) +
            code_block(lines);
  }
  return text;
}

}  // namespace

std::string to_markdown(const Contents& contents) {
  std::string text = fmt::format("# {}\n\n", escape_markdown(contents.title));
  text += cells_table(contents.cells) + boundaries_text(contents.boundaries);
  if (contents.comparison) text += escape_markdown(contents.comparison->sentence) + "\n\n";
  text += failures_section(contents.cells) + differences_section(contents.differences);
  if (!contents.commands.empty()) text += "## To repeat the runs\n\n" + code_block(contents.commands);
  if (!contents.made_by.empty()) text += "Made by " + escape_markdown(contents.made_by) + ".\n";
  return text;
}

}  // namespace hangar::report
