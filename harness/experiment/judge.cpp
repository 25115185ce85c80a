// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/experiment/derive.h"
#include "harness/experiment/experiment.h"
#include "harness/store/run_directory.h"

namespace hangar::experiment {

using verdict::Verdict;

Result<RunReport> judge_directory(const fs::path& directory, const verdict::ExpectationGroup& expected) {
  RunReport report;
  report.directory = directory;
  report.id = directory.filename();
  TRY_ASSIGN(report.outcome, derive_outcome(directory));
  TRY_ASSIGN(const auto stored, store::RunDirectory::open(directory));
  if (const auto info = stored.load_info()) {
    report.machine = info->machine;
    report.wall_s = info->wall_s;
    report.restored = info->restored;
    report.boot = info->boot;
  }
  report.judgements = judge_run(expected, report.outcome);
  report.verdict = worst_of(report.judgements);
  if (report.outcome.end == verdict::End::interrupted)
    report.verdict = worst(report.verdict, Verdict::inconclusive);
  if (report.outcome.end == verdict::End::host_trouble) report.verdict = Verdict::infra_error;
  // outcome.json last: its presence makes the run a finished one.
  TRY(write_file_durably(directory / store::names::verdict, verdict_json(report)));
  TRY(write_file_durably(directory / store::names::outcome, to_json(report.outcome) + "\n"));
  return report;
}

RunResult result_of(const RunReport& run) {
  using Kind = RunResult::Kind;
  RunResult result;
  if (is_excluded(run.verdict, run.outcome.end))
    result.kind = run.outcome.end == verdict::End::interrupted ? Kind::interrupted : Kind::host_trouble;
  result.hung = !run.outcome.hangs.empty();
  result.failed = run.outcome.hello && run.verdict == Verdict::fail;
  return result;
}

Result<verdict::ExpectationGroup> expectations_of(const Bundle& bundle, const fs::path& source_tree) {
  const fs::path today = source_tree / "reproducers" / bundle.scenario / "scenario.yaml";
  auto scenario = fs::exists(today) ? scenario::load_scenario(source_tree, bundle.scenario)
                                    : scenario::parse_scenario(bundle.scenario_yaml, bundle.scenario);
  if (!scenario) return std::move(scenario).error();
  return scenario::expectations_for(*scenario, bundle.kernel);
}

}  // namespace hangar::experiment
