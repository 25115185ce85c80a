// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/course.h"

#include <chrono>

#include <fmt/format.h>

#include "harness/experiment/host_room.h"

namespace hangar::experiment {
namespace {

using verdict::Verdict;

// A restored guest starts its reproducer up to so much later than it was resumed, so that repeats differ.
constexpr std::uint64_t start_delays_ms = 250;
// `boot: auto`: with fewer repeats saving costs more than it spares.
constexpr int repeats_worth_saving = 3;

}  // namespace

Course::Course(const ExperimentFile& experiment, const Prepared& prepared, HostRoom room,
               std::vector<KeptRun> kept)
    : request_(experiment.request),
      prepared_(prepared),
      schedule_(scheduled_cells(kept), room, request_.seed.value_or(0)) {
  report_.experiment = experiment.id;
  report_.seed = request_.seed.value_or(0);
  for (size_t i = 0; i < prepared_.cells.size(); ++i) report_.cells.push_back(empty_report(i));
  for (KeptRun& run : kept) report_.cells[run.cell].runs.push_back(std::move(run.report));
}

bool Course::plans_several() const {
  return prepared_.cells.size() > 1 || stop_rule(request_, prepared_.cells.front().scenario).at_most > 1;
}

std::vector<ScheduledCell> Course::scheduled_cells(const std::vector<KeptRun>& kept) const {
  std::vector<ScheduledCell> cells;
  for (const Cell& cell : prepared_.cells) {
    cells.push_back(
        {needs_of(cell.scenario, request_.exclusive), stop_rule(request_, cell.scenario), {}, {}});
  }
  for (const KeptRun& run : kept) {
    cells[run.cell].kept.insert(run.repeat);
    cells[run.cell].tally.add(run::result_of(run.report));
  }
  return cells;
}

run::CellReport Course::empty_report(std::size_t index) const {
  const Cell& cell = prepared_.cells[index];
  run::CellReport report;
  report.kernel = cell.kernel.name;
  report.scenario = cell.scenario.name;
  const image::Root& root = root_of(prepared_, cell);
  report.machine =
      run::describe_machine(cell.scenario, prepared_.accels[index], run::image_words(root.kind, root.digest));
  report.image = to_string(root.kind);
  report.image_digest = root.digest;
  report.judged_as = cell.judged_as;
  report.hangs_there = expects_hang(cell.expected);
  return report;
}

Result<run::Bundle> Course::bundle_of(const Task& task) const {
  const Cell& cell = prepared_.cells[task.cell];
  TRY_ASSIGN(run::Bundle bundle, make_bundle(request_, prepared_, task.cell, ""));
  bundle.experiment = report_.experiment;
  bundle.repeat = task.repeat;
  bundle.seed = task.seed;
  set_steps(request_, cell, bundle);
  bundle.guest_number = (request_.first_guest + task.repeat) % guests_of(request_, cell.scenario);
  if (restores(cell)) bundle.start_delay = std::chrono::milliseconds(task.seed % start_delays_ms);
  return bundle;
}

bool Course::restores(const Cell& cell) const {
  const scenario::BootMode boot = request_.boot.value_or(cell.scenario.run.boot);
  // A daemon's save files are the daemon's.
  if (boot == scenario::BootMode::cold || !request_.connect.empty()) return false;
  // QEMU does not save a guest that has mounted a folder by 9p.
  if (cell.scenario.machine.image.kind == ImageKind::host) return false;
  return boot == scenario::BootMode::restore ||
         stop_rule(request_, cell.scenario).at_most >= repeats_worth_saving;
}

void Course::ended(const Task& task, run::RunReport run, run::Observer& observer) {
  schedule_.ended(task, run::result_of(run));
  run::CellReport& cell = report_.cells[task.cell];
  cell.runs.push_back(std::move(run));
  observer.on_run(cell, cell.runs.back());
}

void Course::failed(const Task& task) {
  schedule_.ended(task, run::RunResult{run::RunResult::Kind::host_trouble});
}

run::Report Course::finish(run::Observer& observer) {
  for (size_t i = 0; i < report_.cells.size(); ++i) finish_cell(i, observer);
  return std::move(report_);
}

void Course::finish_cell(std::size_t index, run::Observer& observer) {
  run::CellReport& cell = report_.cells[index];
  for (const run::RunReport& run : cell.runs) cell.verdict = worst(cell.verdict, run.verdict);
  // The schedule's tally has the runs in the order in which the stop rule looked at them.
  cell.tally = schedule_.tally(index);
  const run::StopRule rule = stop_rule(request_, prepared_.cells[index].scenario);
  cell.hang_rate = run::hang_rate(rule, cell.tally);
  if (const auto groups = run::groups_by_boot(cell)) {
    cell.hang_rate = stats::by_groups(cell.hang_rate, *groups);
    cell.boots = static_cast<int>(groups->size());
  }
  cell.until_fail = rule.until_fail;
  const auto why = run::enough(rule, cell.tally);
  if (why && (rule.until_hang || rule.until_confident))
    observer.note(fmt::format("{} on {}: {}", cell.scenario, cell.kernel, *why));
  cell.judgements = judge_cell(prepared_.cells[index].expected.cell, cell.hang_rate, cell.boots);
  cell.verdict = worst(cell.verdict, worst_of(cell.judgements));
  if (cell.runs.empty()) cell.verdict = Verdict::inconclusive;
  report_.verdict = worst(report_.verdict, cell.verdict);
}

Result<std::vector<std::map<std::string, std::string>>> ingredients_of(const run::Request& request,
                                                                       const Prepared& prepared) {
  std::vector<std::map<std::string, std::string>> all;
  for (std::size_t cell = 0; cell < prepared.cells.size(); ++cell) {
    TRY_ASSIGN(const run::Bundle bundle, make_bundle(request, prepared, cell, ""));
    all.push_back(ingredients(bundle));
  }
  return all;
}

}  // namespace hangar::experiment
