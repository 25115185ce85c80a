// SPDX-License-Identifier: GPL-2.0-only
// What `hangar run` prints in 80 columns, as golden files: tests/data/cli/table/.
#include <algorithm>

#include <gmock/gmock.h>

#include "harness/base/text.h"
#include "harness/cli/show.h"
#include "harness/run/report.h"
#include "tests/golden.h"

namespace hangar::cli {
namespace {

using run::CellReport;
using run::Report;
using run::RunReport;
using verdict::End;
using verdict::Outcome;
using verdict::Verdict;

verdict::RunExpectation one_kill() {
  verdict::RunExpectation expected;
  expected.hang = verdict::HangExpectation{};
  expected.hang->none = true;
  expected.oom_kills = verdict::Range{1, 1};
  expected.victims = {"hog"};
  expected.crashes.emplace();
  return expected;
}

Outcome one_kill_seen() {
  Outcome outcome;
  outcome.hello = true;
  outcome.hello_s = 2;
  outcome.started_s = 2.1;
  outcome.end = End::done;
  outcome.watched_s = 12.5;
  outcome.exit = verdict::Exit{};
  verdict::OomKill kill;
  kill.time_s = 3.1;
  kill.pid = 41;
  kill.comm = "oom-kill";
  kill.role = "hog";
  kill.line = {812, "[    3.104] Out of memory: Killed process 41 (oom-kill) total-vm:254168kB"};
  outcome.oom_kills = {kill};
  return outcome;
}

RunReport run_of(const Outcome& outcome, const verdict::RunExpectation& expected = one_kill()) {
  RunReport run;
  run.id = "20261128-121849-c44436";
  run.directory = "/state/runs/20261128-121849-c44436";
  run.wall_s = outcome.watched_s;
  run.outcome = outcome;
  run.judgements = judge_run(expected, outcome);
  run.verdict = outcome.end == End::host_trouble ? Verdict::infra_error : worst_of(run.judgements);
  if (outcome.end == End::interrupted) run.verdict = worst(run.verdict, Verdict::inconclusive);
  return run;
}

CellReport cell_of(const std::string& kernel, std::vector<RunReport> runs, const run::StopRule& rule = {}) {
  CellReport cell;
  cell.kernel = kernel;
  cell.scenario = "oom-kill";
  cell.verdict = Verdict::pass;
  for (const RunReport& run : runs) {
    cell.verdict = worst(cell.verdict, run.verdict);
    cell.tally.add(result_of(run));
  }
  cell.hang_rate = run::hang_rate(rule, cell.tally);
  cell.until_fail = rule.until_fail;
  cell.runs = std::move(runs);
  return cell;
}

verdict::Crash crash_at(double time_s, const std::string& title) {
  verdict::Crash crash;
  crash.title = title;
  crash.time_s = time_s;
  crash.line = {779, "[    2.604] " + title};
  return crash;
}

Outcome crashed() {
  Outcome outcome = one_kill_seen();
  outcome.oom_kills.clear();
  outcome.exit.reset();
  outcome.end = End::deadline;
  outcome.watched_s = 62.1;
  outcome.crashes = {
      crash_at(2.6, "BUG: unable to handle kernel NULL pointer dereference in oom_kill_process")};
  verdict::Hang hang;
  hang.kind = HangKind::lockup;
  hang.start_s = 3;
  hang.duration_s = 59.1;
  hang.censored = true;
  hang.ended_by = HangEnd::end;
  hang.lines = {{1021, "[   24.310] rcu: INFO: rcu_preempt self-detected stall on CPU"}};
  outcome.hangs = {hang};
  return outcome;
}

Outcome hung_until_our_f() {
  Outcome outcome = one_kill_seen();
  outcome.watched_s = 60.3;
  verdict::Hang hang;
  hang.kind = HangKind::memory_stall;
  hang.cause = StallCause::victim_stuck;
  hang.start_s = 3;
  hang.duration_s = 31.2;
  hang.censored = true;
  hang.ended_by = HangEnd::sysrq_f;
  hang.censored_by = "sysrq-f";
  outcome.hangs = {hang};
  verdict::OomKill ours = outcome.oom_kills.front();
  ours.time_s = 34.2;
  ours.sysrq = true;
  outcome.oom_kills.push_back(ours);
  return outcome;
}

Outcome ended_as(End end, double watched_s, const std::string& detail = "") {
  Outcome outcome;
  outcome.hello = end != End::host_trouble;
  if (outcome.hello) outcome.started_s = 2.1;
  outcome.end = end;
  outcome.watched_s = watched_s;
  outcome.end_detail = detail;
  return outcome;
}

Report report_of(std::vector<CellReport> cells) {
  Report report;
  report.cells = std::move(cells);
  return report;
}

constexpr size_t width = 80;

std::string table(const Report& report) {
  return result_table(Terminal(true, true), report, width);
}

std::string described(const RunReport& run) {
  return describe_run(Terminal(true, true), "oom-kill on v6.1", run);
}

testing::AssertionResult as_before(const std::string& name, const std::string& text) {
  return golden::matches("cli/table/" + name + ".txt", text);
}

TEST(ShowTable, Passes) {
  EXPECT_TRUE(as_before("pass", table(report_of({cell_of("v6.1", {run_of(one_kill_seen())}),
                                                 cell_of("v6.12", {run_of(one_kill_seen())})}))));
}

TEST(ShowFiles, OfASinglePassAreNamed) {
  RunReport run = run_of(one_kill_seen());
  run.directory = "/state/runs/20261128-121849-c44436";
  EXPECT_EQ(files_of_single_pass(report_of({cell_of("v6.1", {run})})),
            "files: /state/runs/20261128-121849-c44436\n");
  EXPECT_EQ(files_of_single_pass(report_of({cell_of("v6.1", {run, run})})), "");
  EXPECT_EQ(files_of_single_pass(report_of({cell_of("v6.1", {run}), cell_of("v6.12", {run})})), "");
  run.verdict = Verdict::fail;
  EXPECT_EQ(files_of_single_pass(report_of({cell_of("v6.1", {run})})), "") << "describe_run() names them";
}

TEST(ShowTable, CrashesHaveAColumn) {
  Outcome two = crashed();
  two.crashes.push_back(crash_at(2.7, "kernel panic: Fatal exception"));
  EXPECT_TRUE(as_before("crash", table(report_of({cell_of("v6.1", {run_of(one_kill_seen())}),
                                                  cell_of("./linux", {run_of(two)})}))));
}

TEST(ShowTable, RepeatsThatCrash) {
  Outcome warned = one_kill_seen();
  warned.crashes = {crash_at(2.6, "WARNING in __alloc_pages")};
  EXPECT_TRUE(as_before("crash-repeated",
                        table(report_of({cell_of("./linux", {run_of(one_kill_seen()), run_of(warned)})}))));
}

TEST(ShowTable, HangThatOurSysrqEnded) {
  EXPECT_TRUE(as_before("hang", table(report_of({cell_of("v6.1-oom-2015", {run_of(hung_until_our_f())})}))));
}

TEST(ShowTable, HostTroubleAndInterruption) {
  EXPECT_TRUE(as_before(
      "not-finished",
      table(
          report_of({cell_of("v6.1", {run_of(ended_as(End::host_trouble, 0, "QEMU was killed (signal 9)"))}),
                     cell_of("v6.12", {run_of(ended_as(End::interrupted, 13.94))})}))));
}

TEST(ShowTable, UntilHang) {
  run::StopRule rule;
  rule.at_most = 20;
  rule.until_hang = true;
  const auto passed = run_of(one_kill_seen());
  EXPECT_TRUE(as_before(
      "until-hang",
      table(report_of({cell_of("v6.1-oom-2015", {passed, passed, run_of(hung_until_our_f())}, rule)}))));
}

TEST(ShowTable, SeveralRunsOfOneBoot) {
  const auto passed = run_of(one_kill_seen());
  CellReport cell = cell_of("v6.1", {passed, passed, passed});
  cell.boots = 1;
  EXPECT_THAT(table(report_of({cell})), testing::HasSubstr("(3 runs of 1 boot)"));
  cell.boots = 3;
  EXPECT_THAT(table(report_of({cell})), testing::Not(testing::HasSubstr("boot)")));
}

// A bisection: the run that ended it failed without a hang.
TEST(ShowTable, UntilFailure) {
  run::StopRule rule;
  rule.at_most = 20;
  rule.until_fail = true;
  Outcome warned = one_kill_seen();
  warned.crashes = {crash_at(2.6, "WARNING in __alloc_pages")};
  EXPECT_TRUE(as_before("until-failure",
                        table(report_of({cell_of("./", {run_of(one_kill_seen()), run_of(warned)}, rule)}))));
}

TEST(ShowTable, JudgedAsAnotherKernel) {
  CellReport cell = cell_of("./linux", {run_of(one_kill_seen())});
  cell.judged_as = "v6.1+swap";
  cell.hangs_there = true;
  EXPECT_TRUE(as_before("judged-as", table(report_of({cell}))));
}

TEST(ShowTable, HangThatIsNotExpectedOrExcluded) {
  verdict::RunExpectation only_kills;
  only_kills.oom_kills = verdict::Range{1, 1};
  EXPECT_TRUE(as_before("not-covered",
                        table(report_of({cell_of("./linux", {run_of(hung_until_our_f(), only_kills)})}))));
}

TEST(ShowTable, AFindingDoesNotHideThatWeEndedTheHang) {
  Outcome outcome = hung_until_our_f();
  outcome.findings = {
      {"child-sacrificed", "Killing child (43) frees next to nothing.", Certainty::certain, {}}};
  verdict::RunExpectation hangs;
  hangs.hang = verdict::HangExpectation{};
  hangs.hang->kind = HangKind::memory_stall;
  EXPECT_TRUE(as_before("finding", table(report_of({cell_of("v6.1-oom-2015", {run_of(outcome, hangs)})}))));
}

// The function that tasks wait in, and the SysRq f that helped nobody.
Outcome hung_below_oom_lock() {
  Outcome outcome = hung_until_our_f();
  outcome.oom_kills.clear();
  outcome.end = End::deadline;
  outcome.exit.reset();
  verdict::Hang& hang = outcome.hangs[0];
  hang.cause = StallCause::no_kill;
  hang.where = "out_of_memory";
  hang.ended_by = HangEnd::end;
  hang.idle_f_s = {34.2, 49.2};
  return outcome;
}

TEST(ShowTable, TheReasonNamesTheFunction) {
  EXPECT_TRUE(
      as_before("hang-where", table(report_of({cell_of("./linux", {run_of(hung_below_oom_lock())})}))));
}

TEST(ShowRun, AnFThatNoKillFollowedIsMentionedOnce) {
  EXPECT_TRUE(as_before("run-hang", described(run_of(hung_below_oom_lock()))));
  verdict::RunExpectation hangs;
  hangs.hang = verdict::HangExpectation{};
  hangs.hang->kind = HangKind::memory_stall;
  EXPECT_TRUE(as_before("run-hang-pass", described(run_of(hung_below_oom_lock(), hangs))));
}

TEST(ShowTable, FitsEightyColumns) {
  const Report report = report_of({cell_of("./linux", {run_of(crashed()), run_of(hung_until_our_f())})});
  const std::string text = table(report);
  for (const std::string_view line : split(text, '\n')) EXPECT_LE(line.size(), width) << text;
  EXPECT_TRUE(as_before("crash-narrow", text));
}

TEST(ShowRun, WhyTheExpectationsAndTheFolder) {
  EXPECT_TRUE(as_before("run-crash", described(run_of(crashed()))));
  EXPECT_TRUE(as_before("run-pass", described(run_of(one_kill_seen()))));
  EXPECT_TRUE(as_before("run-interrupted", described(run_of(ended_as(End::interrupted, 13.94)))));
  EXPECT_TRUE(as_before("run-infra-error",
                        described(run_of(ended_as(End::host_trouble, 0, "QEMU was killed (signal 9)")))));
}

}  // namespace
}  // namespace hangar::cli
