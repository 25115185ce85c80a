// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/kept_runs.h"

#include "harness/base/files.h"
#include "harness/outcome/judge.h"
#include "harness/run/bundle.h"
#include "harness/store/index.h"
#include "harness/store/run_directory.h"

namespace hangar::experiment {
namespace {

Result<std::optional<KeptRun>> keep(const store::RunDirectory& directory, const std::vector<Cell>& cells) {
  TRY_ASSIGN(const run::Bundle bundle, run::load_bundle(directory.path()));
  KeptRun run{static_cast<std::size_t>(bundle.cell), bundle.repeat, {}};
  if (run.cell >= cells.size()) return std::optional<KeptRun>();
  TRY_ASSIGN(run.report, outcome::judge_directory(directory.path(), cells[run.cell].expected));
  if (is_excluded(run.report.verdict, run.report.outcome.end)) return std::optional<KeptRun>();
  TRY(directory.compress());  // the kill may have come before that
  return std::optional(std::move(run));
}

}  // namespace

Result<std::vector<KeptRun>> kept_runs(const fs::path& state, const std::string& experiment,
                                       const std::vector<Cell>& cells) {
  TRY_ASSIGN(auto index, store::Index::open(state));
  TRY_ASSIGN(const auto rows, index.by_experiment(experiment));
  std::vector<KeptRun> kept;
  for (const store::RunRow& row : rows) {
    TRY_ASSIGN(const auto directory, store::RunDirectory::open(row.directory));
    if (!directory.finished()) {
      TRY(fs::remove_all(directory.path()));
      TRY(index.remove(row.id));
      continue;
    }
    TRY_ASSIGN(auto run, keep(directory, cells));
    if (!run) continue;
    TRY(index.add_directory(directory.path()));
    kept.push_back(std::move(*run));
  }
  return kept;
}

}  // namespace hangar::experiment
