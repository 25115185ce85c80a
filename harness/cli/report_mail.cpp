// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/report_mail.h"

#include <algorithm>
#include <optional>

#include "harness/base/kernel_name.h"
#include "harness/cli/kernel_text.h"
#include "harness/cli/report_runs.h"
#include "harness/report/mail.h"
#include "harness/store/index.h"

namespace hangar::cli {
namespace {

using report::Cell;
using report::Run;

struct Example {
  const Cell* cell = nullptr;
  const Run* run = nullptr;
};

// How much a run is worth showing: what failed, what hung, what lasted longest.
auto worth_of(const Run& run) {
  const compare::HangRow* hang = compare::longest_hang(run.row);
  const bool failed = run.verdict == verdict::Verdict::fail;
  const bool crashed = !run.row.crashes.empty();
  return std::tuple(report::counts(run), failed, hang != nullptr || crashed,
                    hang == nullptr ? 0.0 : hang->duration_s);
}

Example choose_example(const report::Contents& contents) {
  Example best;
  for (const Cell& cell : contents.cells) {
    for (const Run& run : cell.runs) {
      if (run.record && (best.run == nullptr || worth_of(run) > worth_of(*best.run))) best = {&cell, &run};
    }
  }
  return best;
}

// The kernel that `kernel` adds parts or patches to: `v6.1` of `v6.1+memcg` and of `v6.1-oom-2015`.
std::vector<std::string> unpatched_names(const std::string& kernel) {
  std::vector<std::string> names;
  const std::string base = split_kernel_name(kernel).base;
  if (base != kernel) names.push_back(base);
  for (std::size_t at = base.rfind('-'); at != std::string::npos && at > 0; at = base.rfind('-', at - 1))
    names.push_back(base.substr(0, at));
  return names;
}

// Stored runs of the example's scenario on its machine, in cells. Of experiments that stopped at a hang or at
// a failure none is taken: a rate that they are part of has no interval.
class Stored {
 public:
  Stored(const Example& example, const Home& home)
      : example_(example), rule_of_(rule_by_experiment(home.state)) {
    if (auto index = store::Index::open(home.state)) index_ = std::move(*index);
  }

  // The cell that the example belongs to; none: no such run is stored.
  [[nodiscard]] std::optional<Cell> own() const {
    for (Cell& cell : cells_on(example_.cell->kernel)) {
      const Run& one = cell.runs.front();
      const Run& wanted = *example_.run;
      if (one.row.kernel_digest == wanted.row.kernel_digest && one.row.argv == wanted.row.argv &&
          one.record->spec.cmdline == wanted.record->spec.cmdline)
        return std::move(cell);
    }
    return std::nullopt;
  }

  // The nearest kernel without the patches that has runs.
  [[nodiscard]] std::vector<Cell> unpatched() const {
    for (const std::string& name : unpatched_names(example_.cell->kernel)) {
      auto cells = cells_on(name);
      std::erase_if(cells,
                    [&](const Cell& cell) { return cell.runs.front().row.argv != example_.run->row.argv; });
      if (!cells.empty()) return cells;
    }
    return {};
  }

 private:
  [[nodiscard]] std::vector<Cell> cells_on(const std::string& kernel) const {
    std::vector<Run> runs;
    store::RunFilter filter;
    filter.kernels = {kernel};
    filter.scenario = example_.cell->scenario;
    if (!index_) return {};
    const auto rows = index_->find(filter);
    if (!rows) return {};
    for (const store::RunRow& row : *rows) {
      auto run = report::read_run(row.directory);
      if (!run || run->row.machine != example_.cell->machine) continue;
      const run::StopRule rule = rule_of_(*run);
      if (!rule.until_hang && !rule.until_fail) runs.push_back(std::move(*run));
    }
    return cells_of(std::move(runs), rule_of_);
  }

  const Example& example_;
  report::RuleOf rule_of_;
  std::optional<store::Index> index_;  // none: it cannot be read, and no run is known
};

}  // namespace

Result<std::string> report_mail(const report::Contents& contents, const std::string& tree, const Home& home) {
  const Example example = choose_example(contents);
  if (example.run == nullptr)
    return user_error("a mail needs the folder of a run, for its log; rows do not have it");
  report::MailInputs inputs;
  inputs.cell = example.cell;
  inputs.run = example.run;
  for (const Cell& cell : contents.cells)
    if (&cell != example.cell && cell.scenario == example.cell->scenario) inputs.beside.push_back(&cell);
  const Stored stored(example, home);
  const std::optional<Cell> own = example.cell->runs.size() == 1 ? stored.own() : std::nullopt;
  if (own && own->tally.runs > 1) inputs.cell = &*own;
  const std::vector<Cell> unpatched = inputs.beside.empty() ? stored.unpatched() : std::vector<Cell>();
  for (const Cell& cell : unpatched) inputs.beside.push_back(&cell);
  inputs.kernel = kernel_text(tree, *example.run);
  inputs.programs = program_texts(tree, *example.run);
  TRY_ASSIGN(inputs.tracks, report::read_tracks(*example.run->record));
  TRY_ASSIGN(inputs.log, report::extract_log(*example.run->record));
  inputs.commands = contents.commands;
  return report::to_mail(inputs);
}

}  // namespace hangar::cli
