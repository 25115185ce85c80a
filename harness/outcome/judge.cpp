// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/judge.h"

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/log/record/prefilter.h"
#include "harness/outcome/derive.h"
#include "harness/outcome/judging.h"
#include "harness/run/bundle.h"
#include "harness/store/run_directory.h"

namespace hangar::outcome {

using verdict::Verdict;

namespace {

// Of a run that is judged by the scenario as it was run.
std::string judged_by_its_scenario(const fs::path& directory, const fs::path& scenario_file) {
  const auto bundle = run::load_bundle(directory);
  return bundle ? judged_by_file(scenario_file, bundle->scenario_yaml) : "";
}

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace

void warm_up() {
  const log::Prefilter matcher;
  (void)matcher;
}

Result<run::RunReport> judge_directory(const fs::path& directory, const verdict::ExpectationGroup& expected,
                                       const std::string& by) {
  run::RunReport report;
  TRY_ASSIGN(const auto stored, store::RunDirectory::open(directory));
  report.directory = stored.path();
  report.id = stored.id();
  TRY_ASSIGN(report.outcome, derive_outcome(directory));
  report.judged_by = by;
  if (const auto info = stored.load_info()) {
    report.machine = info->machine;
    report.image = info->image;
    report.image_digest = info->image_digest;
    report.wall_s = info->wall_s;
    report.timings = info->timings;
    report.restored = info->restored;
    report.boot = info->boot;
    if (by.empty()) report.judged_by = judged_by_its_scenario(directory, info->scenario_file);
  }
  report.verdict_before = stored.verdict();
  report.judgements = judge_run(expected, report.outcome);
  report.verdict = worst_of(report.judgements);
  if (report.outcome.end == verdict::End::interrupted)
    report.verdict = worst(report.verdict, Verdict::inconclusive);
  if (report.outcome.end == verdict::End::host_trouble) report.verdict = Verdict::infra_error;
  const auto previous = read_file(stored.file(store::names::verdict));
  // outcome.json last: its presence makes the run a finished one.
  if (!stored.finished()) TRY(stored.sync());
  TRY(write_file_durably(stored.file(store::names::verdict),
                         run::verdict_json(report, previous ? *previous : "", utc_now())));
  TRY(write_file_durably(stored.file(store::names::outcome), to_json(report.outcome) + "\n"));
  return report;
}

}  // namespace hangar::outcome
