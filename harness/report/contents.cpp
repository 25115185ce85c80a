// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/contents.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::report {
namespace {

// "7 runs"; beside the hung ones only those that count.
std::string counts_text(const std::vector<Cell>& cells) {
  int runs = 0;
  int hangs = 0;
  size_t all = 0;
  for (const Cell& cell : cells) {
    runs += cell.tally.runs;
    hangs += cell.tally.hangs;
    all += cell.runs.size();
  }
  std::string text = fmt::format("{} of {} run{} hung", hangs, runs, runs == 1 ? "" : "s");
  if (all > static_cast<size_t>(runs))
    text += fmt::format(", {} did not count", all - static_cast<size_t>(runs));
  return text;
}

std::string listed(const std::vector<Cell>& cells, const std::string Cell::*name) {
  std::vector<std::string> words;
  for (const Cell& cell : cells)
    if (std::find(words.begin(), words.end(), cell.*name) == words.end()) words.push_back(cell.*name);
  constexpr size_t most = 3;
  if (words.size() > most) return fmt::format("{} and {} more", words.front(), words.size() - 1);
  return join(words, ", ");
}

// Kernels are compared where each has several runs that count.
std::optional<compare::Comparison> comparison_of(const std::vector<Cell>& cells) {
  std::vector<std::string> names;
  for (const Cell& cell : cells)
    if (std::find(names.begin(), names.end(), cell.label) == names.end()) names.push_back(cell.label);
  if (names.size() < 2) return std::nullopt;
  std::vector<compare::Arm> arms;
  for (const std::string& name : names) {
    std::vector<compare::Row> rows;
    for (const Cell& cell : cells) {
      if (cell.label != name) continue;
      for (const Run& run : cell.runs) rows.push_back(run.row);
    }
    arms.push_back(compare::make_arm(name, std::move(rows)));
  }
  if (!compare::check_arms(arms)) return std::nullopt;
  return compare::compare_arms(std::move(arms));
}

}  // namespace

Result<Contents> contents_of(std::vector<Run> runs, const RuleOf& rule_of) {
  if (runs.empty()) return user_error("there is no run to report; see `hangar list runs`");
  Contents contents;
  contents.cells = cells_of(std::move(runs), rule_of);
  contents.verdict = worst_of(contents.cells);
  contents.boundaries = boundaries(contents.cells);
  contents.comparison = comparison_of(contents.cells);
  contents.title = fmt::format("{} on {}: {}, {}", listed(contents.cells, &Cell::scenario),
                               listed(contents.cells, &Cell::label), to_text(contents.verdict),
                               counts_text(contents.cells));
  return contents;
}

}  // namespace hangar::report
