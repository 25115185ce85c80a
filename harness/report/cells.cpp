// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/cells.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "harness/base/kernel_name.h"
#include "harness/base/text.h"
#include "harness/base/version.h"
#include "harness/outcome/expected.h"
#include "harness/run/report.h"
#include "harness/scenario/scenario.h"
#include "harness/verdict/judge.h"

namespace hangar::report {
namespace {

using verdict::Verdict;

// Without what belongs to one host: the measured frequency of its TSC (Placement::clock), which rows have.
std::string cmdline_of(const Run& run) {
  if (run.record) return run.record->spec.cmdline;
  std::vector<std::string> words;
  for (const std::string_view word : split(run.row.cmdline, ' '))
    if (!word.starts_with("tsc_early_khz=")) words.emplace_back(word);
  return join(words, " ");
}

using Key =
    std::tuple<std::string, std::string, std::string, std::string, std::string, std::vector<std::string>>;

Key key_of(const Run& run) {
  const compare::Row& row = run.row;
  return {row.kernel, row.kernel_digest, row.scenario, row.machine, cmdline_of(run), row.argv};
}

run::RunResult result_of(const Run& run) {
  using Kind = run::RunResult::Kind;
  run::RunResult result;
  if (verdict::is_excluded(run.row.verdict, run.row.end)) {
    const bool interrupted = run.row.end == to_string(verdict::End::interrupted);
    result.kind = interrupted ? Kind::interrupted : Kind::host_trouble;
  } else if (!counts(run)) {
    result.kind = Kind::not_run;
  }
  result.hung = hung(run);
  result.failed = run.verdict == Verdict::fail;
  return result;
}

// Runs of several experiments: the number of runs depended on what they showed as soon as that is so of one.
run::StopRule rule_of_all(const std::vector<Run>& runs, const RuleOf& rule_of) {
  run::StopRule all;
  for (const Run& run : runs) {
    const run::StopRule rule = rule_of(run);
    all.at_most = std::max(all.at_most, rule.at_most);
    all.until_hang = all.until_hang || rule.until_hang;
    all.until_fail = all.until_fail || rule.until_fail;
    if (rule.until_confident) all.until_confident = rule.until_confident;
  }
  return all;
}

std::vector<stats::Group> groups_of(const compare::Boots& boots) {
  std::vector<stats::Group> groups;
  for (const compare::BootRate& boot : boots.known) groups.push_back(boot.rate);
  return groups;
}

// What the scenario that was run expects of the cell as a whole.
std::vector<verdict::Judgement> judge(const Cell& cell) {
  const Run& last = cell.runs.back();
  if (!last.record || cell.tally.runs == 0) return {};
  const run::RunSpec& spec = last.record->spec;
  const auto scenario = scenario::parse_scenario(spec.scenario_yaml, spec.scenario + "/scenario.yaml");
  if (!scenario) return {};
  return judge_cell(outcome::expected_of(spec, *scenario).cell, cell.hang_rate, cell.boots);
}

std::string why_of(const Cell& cell) {
  for (const Verdict sought : {Verdict::infra_error, Verdict::fail, Verdict::inconclusive}) {
    for (const Run& run : cell.runs)
      if (run.verdict == sought && !run.why.empty()) return run.why;
    for (const verdict::Judgement& judgement : cell.judgements)
      if (judgement.verdict == sought) return verdict::reason(judgement);
  }
  return cell.runs.back().why;
}

void count(Cell& cell, const RuleOf& rule_of) {
  std::vector<const compare::Row*> rows;
  for (const Run& run : cell.runs) {
    cell.tally.add(result_of(run));
    rows.push_back(&run.row);
    const compare::HangRow* longest = compare::longest_hang(run.row);
    if (counts(run) && longest != nullptr) cell.hangs.push_back({longest->duration_s, longest->censored});
  }
  cell.durations = stats::survival(cell.hangs);
  cell.summary = compare::summarise(cell.kernel, rows);
  cell.hang_rate = run::hang_rate(rule_of_all(cell.runs, rule_of), cell.tally);
  if (cell.summary.boots.unknown_runs > 0) return;
  cell.hang_rate = stats::by_groups(cell.hang_rate, groups_of(cell.summary.boots));
  cell.boots = static_cast<int>(cell.summary.boots.known.size());
}

Cell make_cell(std::vector<Run> runs, const RuleOf& rule_of) {
  Cell cell;
  cell.kernel = runs.front().row.kernel;
  cell.scenario = runs.front().row.scenario;
  cell.machine = runs.front().row.machine;
  if (runs.front().record) cell.judged_as = runs.front().record->spec.judged_as;
  cell.runs = std::move(runs);
  count(cell, rule_of);
  cell.judgements = judge(cell);
  cell.verdict = verdict::worst_of(cell.judgements);
  for (const Run& run : cell.runs) cell.verdict = worst(cell.verdict, run.verdict);
  cell.why = why_of(cell);
  return cell;
}

// A series that is given by its folder has the folder's name: the path is of one machine.
std::string short_name(const std::string& kernel) {
  const KernelName name = split_kernel_name(kernel);
  std::string text = name.base;
  for (const std::string& part : name.parts) text += "+" + fs::path(part).filename().string();
  return text;
}

// What `cell` has and the others of the same names have not.
std::string distinction(const Cell& cell, const std::vector<const Cell*>& others) {
  const Run& run = cell.runs.front();
  std::vector<std::string> parts;
  const auto differs = [&](const auto& of) {
    return std::any_of(others.begin(), others.end(),
                       [&](const Cell* other) { return of(other->runs.front()) != of(run); });
  };
  if (differs([](const Run& one) { return one.row.kernel_digest; }))
    parts.push_back("build " + run.row.kernel_digest.substr(0, 7));
  if (differs([](const Run& one) { return one.row.machine; })) parts.push_back(cell.machine);
  if (differs(cmdline_of)) parts.push_back(cmdline_of(run));
  if (differs([](const Run& one) { return one.row.argv; })) parts.push_back(join(run.row.argv, " "));
  return join(parts, "; ");
}

void set_labels(std::vector<Cell>& cells) {
  std::map<std::pair<std::string, std::string>, std::vector<const Cell*>> named;
  for (const Cell& cell : cells) named[{short_name(cell.kernel), cell.scenario}].push_back(&cell);
  for (Cell& cell : cells) {
    const std::string extra = distinction(cell, named[{short_name(cell.kernel), cell.scenario}]);
    const std::string name = short_name(cell.kernel);
    cell.label = extra.empty() ? name : fmt::format("{} ({})", name, extra);
  }
}

// The last good and the first bad one of cells that are in the order of their versions.
std::optional<Boundary> boundary_of(const std::vector<const Cell*>& cells) {
  const Cell* good = nullptr;
  for (const Cell* cell : cells) {
    if (cell->verdict == Verdict::fail && good != nullptr)
      return Boundary{cell->scenario, good->label, cell->label};
    if (cell->verdict == Verdict::pass) good = cell;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Cell> cells_of(std::vector<Run> runs, const RuleOf& rule_of) {
  std::stable_sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.row.id < b.row.id; });
  std::vector<Key> order;
  std::map<Key, std::vector<Run>> by_key;
  std::set<std::string> ids;
  for (Run& run : runs) {
    if (!ids.insert(run.row.id).second) continue;  // named twice
    const Key key = key_of(run);
    if (!by_key.contains(key)) order.push_back(key);
    by_key[key].push_back(std::move(run));
  }
  std::vector<Cell> cells;
  for (const Key& key : order) cells.push_back(make_cell(std::move(by_key[key]), rule_of));
  set_labels(cells);
  return cells;
}

Verdict worst_of(const std::vector<Cell>& cells) {
  Verdict all = Verdict::pass;
  for (const Cell& cell : cells) all = worst(all, cell.verdict);
  return cells.empty() ? Verdict::inconclusive : all;
}

std::vector<Boundary> boundaries(const std::vector<Cell>& cells) {
  std::map<std::string, std::vector<const Cell*>> by_scenario;
  for (const Cell& cell : cells) by_scenario[cell.scenario].push_back(&cell);
  std::vector<Boundary> found;
  for (auto& [scenario, group] : by_scenario) {
    const auto version = [](const Cell* cell) {
      return parse_version(cell->runs.front().row.kernel_release);
    };
    std::stable_sort(group.begin(), group.end(),
                     [&](const Cell* a, const Cell* b) { return version(a) < version(b); });
    if (version(group.front()) == version(group.back())) continue;  // no order among them
    if (auto boundary = boundary_of(group)) found.push_back(std::move(*boundary));
  }
  return found;
}

}  // namespace hangar::report
