// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/cli/terminal.h"
#include "harness/run/executor.h"
#include "harness/run/report.h"
#include "harness/run/status.h"

namespace hangar::cli {

// "v6.1: 120 of 900 objects, 3 min to go  mm/oom_kill.o"
[[nodiscard]] std::string build_line(const std::string& kernel, const BuildProgress& progress);

// Shows what an experiment does.
class Progress : public run::Observer {
 public:
  Progress(Terminal& terminal, bool json) : terminal_(terminal), json_(json) {}

  void note(const std::string& line) override;
  void on_build(const std::string& kernel, const BuildProgress& progress) override;
  void on_status(const std::string& cell, const run::Status& status) override;
  void on_run(const run::CellReport& cell, const run::RunReport& run) override;
  void on_progress(const std::string& line) override;

 private:
  Terminal& terminal_;
  bool json_;
};

// One line for what came before the runs and for each run: how long the steps took.
void show_timings(Terminal& terminal, const run::Report& report);

// The end of `run`, `resume` and `attach`: the table or the JSON, and the exit status. `interrupted` is
// printed after an interruption, unless it is empty.
[[nodiscard]] Result<int> show_report(
    Terminal& terminal, bool json, Result<run::Report> report,
    const std::string& interrupted = "interrupted; continue with `hangar resume`");

}  // namespace hangar::cli
