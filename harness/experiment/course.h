// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "harness/experiment/experiment_file.h"
#include "harness/experiment/kept_runs.h"
#include "harness/experiment/prepare.h"
#include "harness/experiment/schedule.h"
#include "harness/run/bundle.h"
#include "harness/run/executor.h"
#include "harness/run/report.h"

namespace hangar::experiment {

// The course of an experiment on any engine: which run comes next, and the report of those that ended. The
// caller serialises calls.
class Course {
 public:
  // Both live longer than this.
  Course(const ExperimentFile& experiment, const Prepared& prepared, HostRoom room,
         std::vector<KeptRun> kept);

  [[nodiscard]] Schedule& schedule() { return schedule_; }
  // Whether a cell has several runs, or there are several cells.
  [[nodiscard]] bool plans_several() const;
  // The bundle of a run, without its id.
  [[nodiscard]] Result<run::Bundle> bundle_of(const Task& task) const;
  // Whether the cell's runs are restored from saved guests.
  [[nodiscard]] bool restores(const Cell& cell) const;
  // A run has ended.
  void ended(const Task& task, run::RunReport run, run::Observer& observer);
  // ... and could not be executed at all.
  void failed(const Task& task);
  // Judges the cells. Call it once, at the end.
  [[nodiscard]] run::Report finish(run::Observer& observer);

 private:
  [[nodiscard]] std::vector<ScheduledCell> scheduled_cells(const std::vector<KeptRun>& kept) const;
  [[nodiscard]] run::CellReport empty_report(std::size_t index) const;
  void finish_cell(std::size_t index, run::Observer& observer);

  const run::Request& request_;
  const Prepared& prepared_;
  Schedule schedule_;
  run::Report report_;
};

// What each cell's runs depend on (ExperimentFile::cells).
[[nodiscard]] Result<std::vector<std::map<std::string, std::string>>> ingredients_of(
    const run::Request& request, const Prepared& prepared);

}  // namespace hangar::experiment
