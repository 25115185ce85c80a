// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/experiment/git_bisect.h"
#include "harness/run/report.h"
#include "tests/places.h"

namespace hangar::experiment {
namespace {

using verdict::Verdict;

run::RunReport run_that(Verdict verdict, bool booted = true) {
  run::RunReport run;
  run.verdict = verdict;
  run.outcome.hello = booted;
  return run;
}

int status_of(std::vector<run::RunReport> runs, Verdict cell_verdict) {
  run::Report report;
  report.cells.emplace_back();
  report.cells[0].verdict = cell_verdict;
  report.cells[0].runs = std::move(runs);
  return bisect_answer(report).status;
}

TEST(ExperimentGitBisect, GoodTakesAllRuns) {
  EXPECT_EQ(status_of({run_that(Verdict::pass), run_that(Verdict::pass)}, Verdict::pass), bisect_good);
  EXPECT_EQ(status_of({run_that(Verdict::pass), run_that(Verdict::fail)}, Verdict::fail), bisect_bad);
}

TEST(ExperimentGitBisect, GoodStatesTheRateThatIsMissedHalfOfTheTime) {
  run::Report report;
  report.cells.emplace_back();
  report.cells[0].verdict = Verdict::pass;
  report.cells[0].runs = {run_that(Verdict::pass), run_that(Verdict::pass), run_that(Verdict::pass)};
  EXPECT_EQ(bisect_answer(report).why,
            "all runs as expected; 3 runs miss a failure rate of 0.21 half of the time");
}

TEST(ExperimentGitBisect, WhatDidNotBootIsNotJudged) {
  EXPECT_EQ(status_of({run_that(Verdict::fail, false)}, Verdict::fail), bisect_skip);
  EXPECT_EQ(status_of({run_that(Verdict::pass), run_that(Verdict::fail, false)}, Verdict::fail), bisect_skip);
  EXPECT_EQ(status_of({run_that(Verdict::fail, false), run_that(Verdict::fail)}, Verdict::fail), bisect_bad);
}

TEST(ExperimentGitBisect, HostTroubleIsNotJudged) {
  EXPECT_EQ(status_of({run_that(Verdict::infra_error)}, Verdict::infra_error), bisect_skip);
  EXPECT_EQ(status_of({run_that(Verdict::inconclusive)}, Verdict::inconclusive), bisect_skip);
}

TEST(ExperimentGitBisect, AKernelThatCannotRunTheProgramIsSkippedWithItsSentence) {
  run::Report report;
  report.cells.emplace_back();
  run::RunReport run = run_that(Verdict::inconclusive);
  run.id = "20261128-1";
  run.outcome.exit = verdict::Exit{verdict::exit_cannot_run, 0};
  run.outcome.last_words = verdict::CitedLine{3, "memcg-oom: cannot mount cgroup2: No such device"};
  verdict::RunExpectation expected;
  expected.oom_kills = verdict::Range{1, 1};
  run.judgements = judge_run(expected, run.outcome);
  report.cells[0].runs = {run};
  report.cells[0].verdict = Verdict::inconclusive;
  const BisectAnswer answer = bisect_answer(report);
  EXPECT_EQ(answer.status, bisect_skip);
  EXPECT_EQ(answer.why,
            "run 20261128-1: the program cannot run on this kernel (exit status 77): memcg-oom: cannot mount "
            "cgroup2: No such device");
}

TEST(ExperimentGitBisect, AnExpectationOnTheCellCounts) {
  EXPECT_EQ(status_of({run_that(Verdict::pass)}, Verdict::fail), bisect_bad);
}

TEST(ExperimentGitBisect, WrongInputStopsTheBisection) {
  EXPECT_EQ(bisect_status_of_input(user_error("no such scenario")), bisect_stop);
  EXPECT_EQ(bisect_status_of_input(interrupted_error()), bisect_interrupted);
  EXPECT_EQ(bisect_status_of_input(infra_error("the disk is full")), bisect_skip);
}

TEST(ExperimentGitBisect, OneTreeAndOneScenario) {
  class Silent : public run::Observer {
   public:
    void note(const std::string&) override {}
    void on_build(const std::string&, const BuildProgress&) override {}
    void on_status(const std::string&, const run::Status&) override {}
    void on_run(const run::CellReport&, const run::RunReport&) override {}
  } observer;
  run::Request request;
  request.source_tree = places::source;
  EXPECT_EQ(bisect_step(request, observer).status, bisect_stop);
  request.kernels = {"./"};
  request.scenarios = {"oom-kil"};
  const BisectAnswer answer = bisect_step(request, observer);
  EXPECT_EQ(answer.status, bisect_stop);
  EXPECT_NE(answer.why.find("oom-kill"), std::string::npos) << answer.why;
}

}  // namespace
}  // namespace hangar::experiment
