// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/json.h"
#include "harness/report/charts.h"
#include "harness/report/log_text.h"
#include "harness/report/packer.h"
#include "harness/report/rates.h"
#include "harness/report/stacks.h"

namespace hangar::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Packer, TextsKeepTheirPlaces) {
  Packer packer(1000);
  const auto first = packer.add("one");
  const auto second = packer.add("three");
  packer.finish();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->at, 3U);
  EXPECT_EQ(second->size, 5U);
  EXPECT_THAT(packer.packs(), SizeIs(1));
}

TEST(Packer, WhatDoesNotFitHasNoPack) {
  std::string noise;
  for (unsigned i = 0, state = 1; i < 100000; ++i) {
    state = state * 1664525U + 1013904223U;
    noise += static_cast<char>(state >> 24);
  }
  Packer packer(1000);
  const auto place = packer.add(noise);
  packer.finish();
  ASSERT_TRUE(place);
  EXPECT_THAT(packer.packs(), IsEmpty());
  EXPECT_TRUE(packer.full());
  EXPECT_FALSE(packer.add("more"));
}

TEST(Packer, Base64IsThatOfTheStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

outcome::Timeline ten_lines() {
  return {"one\nt\two \x1b[1m\r\nthree\n\nfive\nsix\nseven\neight\nnine\nten",
          store::SerialTimes::parse("0 0.5\n4 1.5\n40 9.0\n")};
}

TEST(LogText, AnExcerptHasTheTailAndWhatIsAroundCitedLines) {
  EXPECT_THAT(excerpt_lines({4}, 20, 3), ElementsAre(2, 3, 4, 5, 6, 18, 19, 20));
  EXPECT_THAT(excerpt_lines({1, 0, 99}, 5, 1), ElementsAre(1, 2, 3, 5)) << "lines that are not there";
  EXPECT_THAT(excerpt_lines({}, 2, 200), ElementsAre(1, 2));
  EXPECT_THAT(excerpt_lines({5}, 0, 200), IsEmpty());
  EXPECT_THAT(other_lines({2, 3, 5}, 6), ElementsAre(1, 4, 6));
}

TEST(LogText, LinesHaveTimesAndNumbersWhereTheyDoNotFollow) {
  EXPECT_EQ(log_text(ten_lines(), {1, 2, 5}), "@1\n0.5\tone\n1.5\tt wo \\x1b[1m\n@5\n1.5\tfive\n");
}

TEST(LogText, ALongLineIsCutVisibly) {
  const outcome::Timeline timeline(std::string(3000, '<') + "\nnext\n", {});
  EXPECT_THAT(log_text(timeline, {1}), HasSubstr("<<< ... (2000 more bytes)\n"));
}

TEST(LogText, TheLineAtATimeIsTheFirstThatCameThenOrLater) {
  EXPECT_EQ(line_at(ten_lines(), 0), 1);
  EXPECT_EQ(line_at(ten_lines(), 1.0), 2);
  EXPECT_EQ(line_at(ten_lines(), 100), 10);
  EXPECT_EQ(line_at(outcome::Timeline("", {}), 1), 0);
}

Cell cell_of(const std::vector<bool>& hangs) {
  std::vector<Run> runs;
  for (const bool hangs_now : hangs) {
    compare::Row row;
    row.id = "20261101-" + std::to_string(100000 + runs.size()) + "-aaaaaa";
    row.boot = row.id;
    row.end = "done";
    row.verdict = hangs_now ? "fail" : "pass";
    if (hangs_now)
      row.hangs = {{HangKind::memory_stall, std::nullopt, 3, 30, runs.size() % 2 == 0, {}, {}, {}}};
    runs.push_back(run_of(std::move(row)));
  }
  return cells_of(std::move(runs), [](const auto&) { return run::StopRule(); }).front();
}

TEST(Rates, BlocksHaveOneSizeAndAnExactInterval) {
  std::vector<bool> hangs(35, false);
  hangs[12] = hangs[13] = hangs[34] = true;
  const auto blocks = rate_blocks(cell_of(hangs));
  ASSERT_THAT(blocks, SizeIs(3)) << "the last five runs are in none";
  EXPECT_EQ(blocks[0].rate.hits, 0);
  EXPECT_EQ(blocks[1].rate.hits, 2);
  EXPECT_EQ(blocks[1].first, 11);
  EXPECT_EQ(blocks[1].last, 20);
  EXPECT_NEAR(blocks[1].rate.interval->high, 0.556, 0.001) << "Clopper and Pearson, 2 of 10";
  EXPECT_EQ(blocks[2].rate.hits, 0) << "the hang of run 35 is in no block";
}

TEST(Rates, FewRunsHaveNoBlocksAndManyHaveFew) {
  EXPECT_THAT(rate_blocks(cell_of(std::vector<bool>(19, true))), IsEmpty());
  EXPECT_THAT(rate_blocks(cell_of(std::vector<bool>(1000, true))), SizeIs(max_blocks));
}

TEST(Rates, AHangThatStoppedTheRunsLeavesNoInterval) {
  Cell cell = cell_of(std::vector<bool>(20, false));
  cell.hang_rate.kind = stats::IntervalKind::none;
  const auto blocks = rate_blocks(cell);
  ASSERT_THAT(blocks, SizeIs(2));
  EXPECT_FALSE(blocks[0].rate.interval);
}

TEST(Rates, BlocksOfSavedGuestsThatDifferHaveThatInterval) {
  Cell cell = cell_of(std::vector<bool>(20, false));
  for (size_t i = 0; i < 20; ++i) {
    compare::Row& row = cell.runs[i].row;
    row.boot = i % 2 == 0 ? "first" : "second";
    if (i % 2 == 0) row.hangs = {{HangKind::memory_stall, std::nullopt, 3, 30, false, {}, {}, {}}};
  }
  const auto blocks = rate_blocks(cell);
  ASSERT_THAT(blocks, SizeIs(2));
  EXPECT_EQ(blocks[0].rate.kind, stats::IntervalKind::groups);
}

TEST(Charts, TimesAtRiskAreRound) {
  EXPECT_THAT(risk_times(31.2), ElementsAre(0, 5, 10, 15, 20, 25, 30));
  EXPECT_THAT(risk_times(0), ElementsAre(0));
  EXPECT_THAT(risk_times(1e6), SizeIs(testing::Le(9U)));
}

TEST(Charts, ASurvivalChartHasCellsOfOneScenario) {
  std::vector<Cell> cells(9, cell_of({true, true, false}));
  cells[8].scenario = "other";
  cells.push_back(cell_of({false}));
  const auto charts = survival_charts(cells);
  ASSERT_THAT(charts, SizeIs(3));
  EXPECT_THAT(charts[0].cells, SizeIs(max_curves));
  EXPECT_THAT(charts[1].cells, SizeIs(2));
  EXPECT_EQ(charts[2].scenario, "other");
  EXPECT_EQ(charts[0].cells[0]->hangs.size(), 2U);
}

TEST(Charts, ACurveOfManyHangsHasTheStepsThatCanBeSeen) {
  Cell cell = cell_of({true});
  cell.hangs.clear();
  for (int i = 0; i < 9000; ++i) cell.hangs.push_back({10 + 0.01 * i, i % 3 == 2});
  cell.durations = stats::survival(cell.hangs);
  const auto curve = survival_json(survival_charts({cell}))[0]["curves"][0];
  EXPECT_THAT(curve["steps"], SizeIs(testing::AllOf(testing::Gt(500U), testing::Le(1001U))));
  EXPECT_THAT(curve["censored_s"], SizeIs(testing::Le(1001U)));
  EXPECT_EQ(curve["steps"].back()["alive"], cell.durations.steps.back().alive);
  double alive = 1;
  for (const auto& step : curve["steps"]) {
    EXPECT_LT(alive - step["alive"].get<double>(), 0.0025);
    alive = step["alive"].get<double>();
  }
}

// A task at a time of its own: the same lines at the same time are one report that was printed again.
std::string dump(const std::string& function) {
  static int pid = 0;
  ++pid;
  std::string text;
  for (const std::string& line :
       {fmt::format("task:a state:D stack:0 pid:{} ppid:1 flags:0x0", pid), std::string("Call Trace:"),
        std::string(" schedule+0x53/0xb0"), " " + function + "+0x1/0x2", std::string(" done+0x1/0x2")})
    text += fmt::format("[   10.{:06}] {}\n", pid, line);
  return text;
}

TEST(StacksOfRuns, ThoseOfTheMostRunsComeFirst) {
  Stacks stacks;
  stacks.add("first", dump("rare") + dump("rare") + dump("rare") + dump("common"));
  stacks.add("second", dump("common"));
  const auto sorted = stacks.sorted(10);
  ASSERT_THAT(sorted, SizeIs(2));
  EXPECT_THAT(sorted[0].frames, ElementsAre("schedule", "common", "done"));
  EXPECT_THAT(sorted[0].runs, ElementsAre("first", "second"));
  EXPECT_EQ(sorted[0].count, 2U);
  EXPECT_EQ(sorted[0].states.at("D"), 2U);
  EXPECT_EQ(sorted[1].count, 3U);
  EXPECT_EQ(sorted[0].line, 16U);
  EXPECT_THAT(stacks.sorted(1), SizeIs(1));
}

}  // namespace
}  // namespace hangar::report
