// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/progress.h"

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/text.h"
#include "harness/cli/output.h"
#include "harness/cli/show.h"
#include "harness/cli/status_line.h"
#include "harness/run/report.h"

namespace hangar::cli {

std::string build_line(const std::string& kernel, const BuildProgress& progress) {
  const std::string eta = progress.eta_s ? fmt::format(", {} to go", format_seconds(*progress.eta_s)) : "";
  return fmt::format("{}: {} of {} objects{}  {}", sanitize_for_terminal(kernel), progress.done,
                     progress.total, eta, sanitize_for_terminal(progress.current));
}

void Progress::note(const std::string& line) {
  terminal_.say(sanitize_for_terminal(line));
}

void Progress::on_build(const std::string& kernel, const BuildProgress& progress) {
  terminal_.live(build_line(kernel, progress));
}

void Progress::on_status(const std::string& cell, const run::Status& status) {
  terminal_.live(status_line(cell, status, terminal_.live_width()));
}

void Progress::on_run(const run::CellReport& cell, const run::RunReport& run) {
  std::string text = describe_run(terminal_, cell.scenario + " on " + cell.kernel, run);
  if (!json_ && !text.empty()) terminal_.say(text.substr(0, text.size() - 1));
}

void Progress::on_progress(const std::string& line) {
  terminal_.live(sanitize_for_terminal(line));
}

void show_timings(Terminal& terminal, const run::Report& report) {
  terminal.say(fmt::format("before the runs: {}", in_words(report.timings)));
  for (const run::CellReport& cell : report.cells) {
    for (const run::RunReport& run : cell.runs)
      terminal.say(fmt::format("{}: {}", run.id, in_words(run.timings)));
  }
}

Result<int> show_report(Terminal& terminal, bool json, Result<run::Report> report,
                        const std::string& interrupted) {
  if (!report) return std::move(report).error();
  terminal.live_done();
  print_out("{}", json ? to_json(*report)
                       : result_table(terminal, *report, terminal.width()) + files_of_single_pass(*report));
  if (!Cancel::requested()) return verdict::exit_status(report->verdict);
  if (!interrupted.empty()) terminal.say(interrupted);
  return 130;
}

}  // namespace hangar::cli
