// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/cli/terminal.h"
#include "harness/experiment/experiment.h"

namespace hangar::cli {

// "v6.1: 120 of 900 objects, 3 min to go  mm/oom_kill.o"
[[nodiscard]] std::string build_line(const std::string& kernel, const BuildProgress& progress);

// Tells a person what an experiment does.
class Progress : public experiment::Observer {
 public:
  Progress(Terminal& terminal, bool json) : terminal_(terminal), json_(json) {}

  void note(const std::string& line) override;
  void on_build(const std::string& kernel, const BuildProgress& progress) override;
  void on_status(const std::string& cell, const experiment::Status& status) override;
  void on_run(const experiment::CellReport& cell, const experiment::RunReport& run) override;

 private:
  Terminal& terminal_;
  bool json_;
};

// The end of `run` and `resume`: the table or the JSON, and the exit status.
[[nodiscard]] Result<int> show_report(Terminal& terminal, bool json, Result<experiment::Report> report);

}  // namespace hangar::cli
