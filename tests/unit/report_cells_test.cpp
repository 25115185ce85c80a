// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/report/cells.h"
#include "harness/report/tracks.h"
#include "tests/report_runs.h"

namespace hangar::report {
namespace {

using testing::AllOf;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using verdict::Verdict;

class Reports : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make("/tmp", "hangar-report-");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  [[nodiscard]] report::Run stored(const std::string& name) const {
    const auto directory = report_runs::copy(name, folder_->path());
    EXPECT_TRUE(directory) << directory.error().message;
    auto run = read_run(*directory);
    EXPECT_TRUE(run) << run.error().message;
    return std::move(*run);
  }
  std::optional<TempDir> folder_;
};

run::StopRule fixed(const Run&) {
  return {};
}

compare::Row row(const std::string& id, const std::string& kernel, const std::string& release, bool hangs) {
  compare::Row row;
  row.id = id;
  row.scenario = "oom-kill";
  row.kernel = kernel;
  row.kernel_release = release;
  row.end = "done";
  row.boot = id;
  row.verdict = hangs ? "fail" : "pass";
  if (hangs) row.hangs = {{HangKind::memory_stall, std::nullopt, 3, 30, true, std::nullopt, {}, {}}};
  return row;
}

std::vector<Run> runs_of(const std::vector<compare::Row>& rows) {
  std::vector<Run> runs;
  for (const compare::Row& one : rows) runs.push_back(run_of(one));
  return runs;
}

TEST_F(Reports, AStoredRunHasWhatWasJudged) {
  const auto run = stored("planted-bug");
  EXPECT_EQ(run.verdict, Verdict::fail);
  EXPECT_THAT(run.why, HasSubstr("kernel BUG"));
  ASSERT_TRUE(run.record);
  EXPECT_THAT(run.record->judgements, testing::Not(IsEmpty()));
  EXPECT_THAT(run.record->outcome.crashes, testing::Not(IsEmpty()));
  EXPECT_EQ(started_at(run).size(), 20U);
}

TEST_F(Reports, WhatIsNoRunFolderIsOneMessage) {
  EXPECT_THAT(read_run(folder_->path() / "gone").error().message, HasSubstr("does not exist"));
  EXPECT_THAT(read_run(folder_->path()).error().message, HasSubstr("run.json is missing"));
  const auto directory = *report_runs::copy("healthy", folder_->path());
  ASSERT_TRUE(fs::remove(directory / "outcome.json"));
  EXPECT_THAT(read_run(directory).error().message, HasSubstr("is not finished"));
}

TEST_F(Reports, RunsOfOneKernelAreOneCell) {
  std::vector<compare::Row> rows;
  for (int i = 0; i < 10; ++i)
    rows.push_back(row("20261101-00000" + std::to_string(i) + "-aaaaaa", "v6.1", "6.1.1", i == 3));
  const auto cells = cells_of(runs_of(rows), fixed);
  ASSERT_THAT(cells, SizeIs(1));
  EXPECT_EQ(cells[0].hang_rate.hits, 1);
  EXPECT_EQ(cells[0].hang_rate.runs, 10);
  EXPECT_NEAR(cells[0].hang_rate.interval->high, 0.445, 0.001) << "Clopper and Pearson, 1 of 10";
  EXPECT_EQ(cells[0].verdict, Verdict::fail) << "one hang in ten is not a pass";
  EXPECT_THAT(cells[0].durations.steps, IsEmpty()) << "the only hang is censored";
}

TEST_F(Reports, ARateOfRunsThatStoppedAtAHangHasNoInterval) {
  const auto cells = cells_of(runs_of({row("20261101-000000-aaaaaa", "v6.1", "6.1.1", false),
                                       row("20261101-000001-aaaaaa", "v6.1", "6.1.1", true)}),
                              [](const auto&) {
                                run::StopRule rule;
                                rule.at_most = 20;
                                rule.until_hang = true;
                                return rule;
                              });
  EXPECT_EQ(cells[0].hang_rate.kind, stats::IntervalKind::none);
}

TEST_F(Reports, RunsThatTheHostFailedAreInNoRate) {
  compare::Row spoiled = row("20261101-000002-aaaaaa", "v6.1", "6.1.1", true);
  spoiled.verdict = "infra-error";
  spoiled.end = "host-trouble";
  const auto cells =
      cells_of(runs_of({row("20261101-000000-aaaaaa", "v6.1", "6.1.1", false), spoiled}), fixed);
  EXPECT_EQ(cells[0].hang_rate.runs, 1);
  EXPECT_EQ(cells[0].hang_rate.hits, 0);
  EXPECT_EQ(cells[0].verdict, Verdict::infra_error);
}

TEST_F(Reports, TwoBuildsOfOneNameAreTwoCellsWithLabels) {
  auto first = row("20261101-000000-aaaaaa", "./linux", "6.1.1", false);
  auto second = row("20261101-000001-aaaaaa", "./linux", "6.1.1", true);
  first.kernel_digest = "aaaaaaaaaaaa";
  second.kernel_digest = "bbbbbbbbbbbb";
  const auto cells = cells_of(runs_of({first, second, first}), fixed);
  ASSERT_THAT(cells, SizeIs(2)) << "and a run that was named twice counts once";
  EXPECT_THAT(cells[0].runs, SizeIs(1));
  EXPECT_EQ(cells[0].label, "./linux (build aaaaaaa)");
  EXPECT_EQ(cells[1].label, "./linux (build bbbbbbb)");
}

TEST_F(Reports, RowsOfTwoHostsAreOneCell) {
  auto first = row("20261101-000000-aaaaaa", "v6.1", "6.1.1", false);
  auto second = row("20261101-000001-aaaaaa", "v6.1", "6.1.1", false);
  first.cmdline = "tsc_early_khz=2596000 console=ttyS0";
  second.cmdline = "tsc_early_khz=3000000 console=ttyS0";
  const auto cells = cells_of(runs_of({first, second}), fixed);
  ASSERT_THAT(cells, SizeIs(1));
  EXPECT_EQ(cells[0].label, "v6.1");
}

TEST_F(Reports, ALabelHasNoPathOfAMachine) {
  auto first = row("20261101-000000-aaaaaa", "v6.1+memcg+/home/a/fix", "6.1.1", false);
  auto second = row("20261101-000001-aaaaaa", "v6.1+memcg+/home/b/fix", "6.1.1", true);
  first.kernel_digest = "aaaaaaaaaaaa";
  EXPECT_EQ(cells_of(runs_of({first}), fixed)[0].label, "v6.1+memcg+fix");
  second.kernel_digest = "bbbbbbbbbbbb";
  const auto cells = cells_of(runs_of({first, second}), fixed);
  EXPECT_EQ(cells[0].label, "v6.1+memcg+fix (build aaaaaaa)") << "two series of one name";
}

TEST_F(Reports, LastGoodAndFirstBadFollowTheVersions) {
  const auto cells = cells_of(runs_of({row("20261101-000000-aaaaaa", "v6.12", "6.12.3", true),
                                       row("20261101-000001-aaaaaa", "v6.6", "6.6.1", true),
                                       row("20261101-000002-aaaaaa", "v6.1", "6.1.192", false),
                                       row("20261101-000003-aaaaaa", "v5.10", "5.10.2", false)}),
                              fixed);
  const auto found = boundaries(cells);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].last_good, "v6.1");
  EXPECT_EQ(found[0].first_bad, "v6.6");
  EXPECT_THAT(boundaries(cells_of(runs_of({row("20261101-000000-aaaaaa", "v6.12", "6.12.3", true)}), fixed)),
              IsEmpty());
}

TEST_F(Reports, AReportOfNothingIsAnError) {
  EXPECT_THAT(contents_of({}, fixed).error().message, HasSubstr("no run to report"));
}

TEST_F(Reports, ContentsOfStoredRuns) {
  const auto contents = report_runs::contents(folder_->path());
  ASSERT_TRUE(contents) << contents.error().message;
  EXPECT_GE(contents->cells.size(), 3U);
  EXPECT_THAT(contents->title, HasSubstr("hung"));
  EXPECT_NE(contents->verdict, Verdict::pass);
}

TEST_F(Reports, TracksShowWhichSignalStopped) {
  const auto run = stored("oom-2015-hang");
  const auto tracks = read_tracks(*run.record);
  ASSERT_TRUE(tracks) << tracks.error().message;
  ASSERT_THAT(tracks->hangs, SizeIs(1));
  const auto covers = [&](double from_s) {
    return AllOf(Field(&Span::from_s, testing::Lt(from_s + 2)), Field(&Span::to_s, testing::Gt(from_s + 10)));
  };
  EXPECT_THAT(tracks->probe_gaps, testing::Contains(covers(tracks->hangs[0].from_s)));
  EXPECT_THAT(tracks->pulse_gaps, testing::Not(testing::Contains(covers(tracks->hangs[0].from_s))))
      << "the pulse beats through a memory stall";
  EXPECT_THAT(tracks->keys, testing::Contains(Field(&Mark::text, "SysRq m")));
  EXPECT_THAT(tracks->load, testing::Not(IsEmpty()));
  EXPECT_GE(tracks->end_s, tracks->hangs[0].to_s);
}

TEST_F(Reports, TracksOfAHealthyRunHaveNoGaps) {
  const auto run = stored("healthy");
  const auto tracks = read_tracks(*run.record);
  ASSERT_TRUE(tracks);
  EXPECT_THAT(tracks->hangs, IsEmpty());
  EXPECT_THAT(tracks->pulse_gaps, IsEmpty());
}

}  // namespace
}  // namespace hangar::report
