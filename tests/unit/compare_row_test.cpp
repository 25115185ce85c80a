// SPDX-License-Identifier: GPL-2.0-only
#include <fstream>
#include <thread>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/compare/cell.h"
#include "harness/store/run_directory.h"

namespace hangar::compare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Row hung_row(const std::string& id) {
  Row row;
  row.id = id;
  row.scenario = "mmap-lock-livelock";
  row.kernel = "v6.1-oom-2015";
  row.cmdline = "console=ttyS0 oom2015=255 oom2015=254";
  row.argv = {"mmap-lock-livelock", "--touch", "file"};
  row.end = "done";
  row.hangs = {{HangKind::memory_stall, StallCause::victim_stuck, 3, 60, false, HangEnd::sysrq_f, {}, 63}};
  row.kills = {{3, "child", false}, {40, "reader", true}, {62, "hog", true}};
  return row;
}

class RowFile : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make("/tmp", "hangar-rows-");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  [[nodiscard]] fs::path file() const { return folder_->path() / "runs.jsonl"; }
  std::optional<TempDir> folder_;
};

TEST(Row, AnOldKernelNameIsReadAsThatOfToday) {
  Row row = hung_row("20260101-000000-aaaaaa");
  row.kernel = "v6.1-memcg";
  const auto again = row_from_json(to_json(row));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->kernel, "v6.1+memcg");
  EXPECT_EQ(again->setting, row.setting);
  row.setting = row.kernel;
  EXPECT_EQ(row_from_json(to_json(row))->setting, "v6.1+memcg") << "the setting has the kernel's name";
}

TEST(Row, SurvivesItsJson) {
  const Row row = hung_row("20261124-000001-aaaaaa");
  const std::string line = to_json(row);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto again = row_from_json(line);
  ASSERT_TRUE(again);
  EXPECT_EQ(to_json(*again), line);
  EXPECT_EQ(parameter(*again, "oom2015"), "254");
  EXPECT_EQ(parameter(*again, "oom"), std::nullopt);
}

TEST(Row, PaceAndFreeMemorySurviveTheirJson) {
  Row row = hung_row("20261124-000001-aaaaaa");
  EXPECT_EQ(to_json(row).find("pace"), std::string::npos) << "a row of an older Hangar stays as it is";
  row.pace = PaceRow{{60, std::nullopt, 2.5, 50}};
  row.kills[0].free_s = 3.25;
  row.qemu = "8.2.2";
  const auto again = row_from_json(to_json(row));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(*again), to_json(row));
  ASSERT_TRUE(again->pace);
  EXPECT_FALSE(again->pace->stall_s);
  EXPECT_EQ(again->pace->probe_p95_ms, 50);
  EXPECT_EQ(again->kills[0].free_s, 3.25);
  EXPECT_FALSE(again->kills[1].free_s);
}

TEST(Row, ATimeThatIsNoneSurvivesItsJson) {
  Row row = hung_row("20261124-000001-aaaaaa");
  row.watched_s = 1e300;
  row.kills[0].time_s = -1234567890123456.7;
  const auto again = row_from_json(to_json(row));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->watched_s, row.watched_s);
  EXPECT_EQ(to_json(*again), to_json(row));
}

TEST_F(RowFile, TwoWritersLoseNothing) {
  const auto add = [&](const std::string& who) {
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(merge_rows(file(), {hung_row(who + std::to_string(i))}));
  };
  std::thread other([&] { add("a"); });
  add("b");
  other.join();
  const auto rows = load_rows(file());
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->size(), 80u);
}

// As an older Hangar wrote it: a line of mmap-lock-livelock/runs.jsonl, shortened.
const std::string old_line =
    R"({"schema":"hangar.row/1","id":"20261126-021006-a4cd07","scenario":"mmap-lock-livelock","setting":"s",)"
    R"("kernel":"v6.1-oom-2015","kernel_release":"6.1.192","kernel_digest":"c0","machine":"m","cmdline":"c",)"
    R"("argv":["a"],"restored":true,"suspect":false,"end":"done","verdict":"pass","watched_s":60.5,)"
    R"("exit_code":0,"hangs":[{"kind":"memory-stall","cause":"victim-stuck","start_s":1.5,"duration_s":53.2,)"
    R"("censored":false,"ended_by":"sysrq-f"}],"kills":[{"time_s":1.6,"who":"child","sysrq":false},)"
    R"({"time_s":32.75,"who":"reader","sysrq":true},{"time_s":54.5,"who":"hog","sysrq":true}],)"
    R"("crashes":[],"findings":[]})";

TEST(Row, AnOldRowIsCensoredAtTheFirstKillBySysrq) {
  auto row = row_from_json(old_line);
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(to_json(*row), old_line) << "nothing is made up where it was not recorded";
  EXPECT_FALSE(row->boot);
  EXPECT_FALSE(row->shared);
  censor_old_row(*row);
  const HangRow& hang = row->hangs[0];
  EXPECT_TRUE(hang.censored);
  EXPECT_EQ(hang.censored_by, "sysrq-f");
  EXPECT_DOUBLE_EQ(hang.duration_s, 31.25);
  EXPECT_DOUBLE_EQ(hang.over_s.value_or(0), 54.7);
  EXPECT_EQ(to_string(hang.ended_by), "sysrq-f");
}

TEST(Row, AnOldRowThatNobodyInterferedWithKeepsItsDuration) {
  auto row = row_from_json(old_line);
  ASSERT_TRUE(row);
  row->hangs[0].ended_by = HangEnd::kill;
  row->kills.resize(1);
  censor_old_row(*row);
  EXPECT_FALSE(row->hangs[0].censored);
  EXPECT_DOUBLE_EQ(row->hangs[0].duration_s, 53.2);
  row->hangs[0].ended_by = HangEnd::sysrq_f;
  censor_old_row(*row);
  EXPECT_TRUE(row->hangs[0].censored) << "its kill was lost, its end was ours all the same";
}

TEST(Row, WhatWasRecordedIsNotGuessed) {
  Row row = hung_row("20261124-000001-aaaaaa");
  row.hangs[0].over_s = 63;
  row.boot = "a-saved-guest";
  row.shared = true;
  auto again = row_from_json(to_json(row));
  ASSERT_TRUE(again) << again.error().message;
  censor_old_row(*again);
  EXPECT_FALSE(again->hangs[0].censored) << "the guest itself may have written to sysrq-trigger";
  EXPECT_EQ(again->hangs[0].over_s, 63);
  EXPECT_EQ(again->boot, "a-saved-guest");
  EXPECT_EQ(again->shared, true);
}

TEST_F(RowFile, LoadingCensorsAndMergingKeepsOldLines) {
  std::ofstream(file()) << old_line << "\n";
  const auto rows = load_rows(file());
  ASSERT_TRUE(rows);
  EXPECT_TRUE(rows->front().hangs[0].censored);
  ASSERT_TRUE(merge_rows(file(), {hung_row("z")}));
  EXPECT_THAT(*read_file(file()), testing::StartsWith(old_line + "\n"));
}

TEST_F(RowFile, MergingKeepsOneRowAnId) {
  const auto first = merge_rows(file(), {hung_row("b"), hung_row("a")});
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, 2);
  const auto second = merge_rows(file(), {hung_row("b"), hung_row("c")});
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, 1);
  const auto rows = load_rows(file());
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ(rows->front().id, "a");
}

TEST_F(RowFile, ABadLineIsNamed) {
  std::ofstream(file()) << to_json(hung_row("a")) << "\n{\"id\": 3}\n";
  const auto rows = load_rows(file());
  ASSERT_FALSE(rows);
  EXPECT_THAT(rows.error().message, HasSubstr("runs.jsonl:2"));
}

TEST_F(RowFile, ARunDirectoryBecomesARow) {
  auto run = store::RunDirectory::create(folder_->path());
  ASSERT_TRUE(run);
  EXPECT_FALSE(read_run(run->path()));
  store::RunInfo info;
  info.id = run->id();
  info.kernel = "v6.1";
  ASSERT_TRUE(run->save_info(info));
  verdict::Outcome outcome;
  outcome.started_s = 2;
  outcome.oom_kills.push_back({5.5, 7, "hog", "hog", {}, false});
  ASSERT_TRUE(write_file(run->file(store::names::outcome), to_json(outcome)));
  const auto row = read_run(run->path());
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(row->kernel, "v6.1");
  ASSERT_EQ(row->kills.size(), 1u);
  EXPECT_EQ(row->kills[0].time_s, 3.5);
  EXPECT_EQ(row->boot, run->id()) << "it booted itself";
}

TEST(Cell, CountsHangsAndWhatEndedThem) {
  Row healthy = hung_row("b");
  healthy.hangs.clear();
  healthy.kills = {{3, "hog", false}};
  Row spoilt = hung_row("c");
  spoilt.end = "host-trouble";
  const auto cells = summarise_all({hung_row("a"), healthy, spoilt}, {"v6.1-oom-2015"});
  ASSERT_EQ(cells.size(), 1u);
  const CellSummary& cell = cells[0];
  EXPECT_EQ(cell.runs, 2);
  EXPECT_EQ(cell.hung, 1);
  EXPECT_EQ(cell.spoilt, 1);
  EXPECT_THAT(cell.victims, ElementsAre("child", "hog"));
  EXPECT_EQ(kills_text(cell), "1");
  EXPECT_EQ(cell.sysrq_f.ended, 1);
  EXPECT_THAT(cell.sysrq_f.kills, ElementsAre(2));
  EXPECT_THAT(cell.sysrq_f.enders, ElementsAre("hog"));
  EXPECT_THAT(markdown_table(cells),
              HasSubstr("| v6.1-oom-2015 | 1 of 2 (95%: 0.013 to 0.99) | boots unknown | 60.0 s"));
}

TEST(Cell, SettingsComeInTheStudysOrder) {
  Row row = hung_row("a");
  row.setting = "z";
  Row other = hung_row("b");
  other.setting = "y";
  const auto cells = summarise_all({other, row}, {"z"});
  ASSERT_EQ(cells.size(), 2u);
  EXPECT_EQ(cells[0].name, "z");
}

TEST(Cell, TheTableGoesBetweenItsMarks) {
  const std::string page = "a\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nb\n";
  const auto replaced = replace_measured(page, "new\n");
  ASSERT_TRUE(replaced);
  EXPECT_EQ(*replaced, "a\n<!-- measured: begin -->\nnew\n<!-- measured: end -->\nb\n");
  EXPECT_FALSE(replace_measured("a\n", "new\n"));
}

}  // namespace
}  // namespace hangar::compare
