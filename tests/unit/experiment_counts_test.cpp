// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/experiment/plan.h"
#include "harness/run/report.h"
#include "harness/run/request.h"
#include "harness/run/stop_rule.h"

namespace hangar::experiment {
namespace {

run::RunReport run_of(const std::string& boot, bool hung) {
  run::RunReport run;
  run.verdict = verdict::Verdict::pass;
  run.outcome.hello = true;
  run.outcome.end = verdict::End::done;
  run.boot = boot;
  if (hung) run.outcome.hangs.emplace_back();
  return run;
}

run::RunReport run_that_exits_with(int code, verdict::Verdict verdict) {
  run::RunReport run = run_of("a", false);
  run.verdict = verdict;
  run.outcome.exit = verdict::Exit{code, 0};
  return run;
}

TEST(Counts, AProgramThatTheKernelCannotRunIsInNoDenominator) {
  const run::RunReport run = run_that_exits_with(verdict::exit_cannot_run, verdict::Verdict::inconclusive);
  EXPECT_FALSE(counts(run));
  EXPECT_EQ(run::result_of(run).kind, run::RunResult::Kind::not_run);
  EXPECT_TRUE(counts(run_that_exits_with(verdict::exit_cannot_run, verdict::Verdict::pass)))
      << "the scenario expects this status";
  EXPECT_TRUE(counts(run_that_exits_with(1, verdict::Verdict::fail)));
}

TEST(Counts, RunsAreGroupedByBoot) {
  run::CellReport cell;
  cell.runs = {run_of("a", true), run_of("b", false), run_of("a", false)};
  run::RunReport failed = run_of("c", false);
  failed.verdict = verdict::Verdict::infra_error;
  cell.runs.push_back(failed);
  const auto groups = run::groups_by_boot(cell);
  ASSERT_TRUE(groups);
  ASSERT_EQ(groups->size(), 2) << "a run that the host failed belongs to no group";
  EXPECT_EQ((*groups)[0].hits, 1);
  EXPECT_EQ((*groups)[0].runs, 2);
  EXPECT_EQ((*groups)[1].hits, 0);
  EXPECT_EQ((*groups)[1].runs, 1);
  cell.runs.push_back(run_of("", false));
  EXPECT_FALSE(run::groups_by_boot(cell)) << "a run that does not name its boot";
}

TEST(Counts, ManyRepeatsUseFiveGuests) {
  run::Request request;
  scenario::Scenario scenario;
  scenario.run.repeat = 19;
  EXPECT_EQ(guests_of(request, scenario), 1);
  scenario.run.repeat = 20;
  EXPECT_EQ(guests_of(request, scenario), 5);
  request.until_confident = 0.2;
  scenario.run.repeat = 1;
  EXPECT_EQ(guests_of(request, scenario), 5);
  request.guests = 2;
  EXPECT_EQ(guests_of(request, scenario), 2);
}

}  // namespace
}  // namespace hangar::experiment
