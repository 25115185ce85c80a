// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/compare/cell.h"
#include "harness/compare/exploratory.h"
#include "harness/compare/times.h"

namespace hangar::compare {
namespace {

using testing::HasSubstr;

// Twenty runs, each as `make` has it by its number.
Arm arm(const std::string& name, const std::function<void(int, Row&)>& make) {
  std::vector<Row> rows;
  for (int i = 0; i < 20; ++i) {
    Row& row = rows.emplace_back();
    row.id = fmt::format("20261128-120000-{:06}", i);
    row.scenario = "s";
    row.end = "done";
    row.verdict = "pass";
    row.pace = PaceRow{{60, std::nullopt, 2, 5}};
    make(i, row);
  }
  return make_arm(name, std::move(rows));
}

const Question* find(const std::vector<Question>& questions, What what) {
  for (const Question& question : questions) {
    if (question.what == what) return &question;
  }
  return nullptr;
}

TEST(Times, ToTheFirstStall) {
  const Arm first = arm("A", [](int i, Row& row) { row.pace->stall_s = 1 + i * 0.1; });
  const Arm second = arm("B", [](int i, Row& row) { row.pace->stall_s = 20 + i * 0.1; });
  const auto questions = ask_about_times("s", first, second);
  const Question* stall = find(questions, What::time_to_stall);
  ASSERT_NE(stall, nullptr);
  EXPECT_EQ(stall->leaning, Says::better) << "B stalls later";
  EXPECT_LT(*stall->p, 0.001);
  EXPECT_LT(stall->effect->value, 1);
  EXPECT_EQ(find(ask_about_times("s", second, first), What::time_to_stall)->leaning, Says::worse);
  const Arm none = arm("C", [](int, Row&) {});
  EXPECT_EQ(find(ask_about_times("s", none, arm("D", [](int, Row&) {})), What::time_to_stall), nullptr)
      << "no run stalled";
  EXPECT_EQ(find(ask_about_times("s", first, none), What::time_to_stall)->leaning, Says::better);
  const Arm old = arm("E", [](int, Row& row) { row.pace.reset(); });
  EXPECT_EQ(find(ask_about_times("s", first, old), What::time_to_stall), nullptr) << "rows lack it";
}

TEST(Times, FromKillToFreeMemory) {
  const Arm first = arm("A", [](int i, Row& row) { row.kills = {{3, "hog", false, 13 + i * 0.1}}; });
  const Arm second = arm("B", [](int i, Row& row) { row.kills = {{3, "hog", false, 3.1 + i * 0.1}}; });
  const auto questions = ask_about_times("s", first, second);
  const Question* free = find(questions, What::time_to_free);
  ASSERT_NE(free, nullptr);
  EXPECT_EQ(free->leaning, Says::better) << "B frees sooner";
  EXPECT_THAT(free->text, HasSubstr("20: "));
  // Kill by SysRq f: from then on it is our doing. Without any end nothing is asked.
  const Arm ours = arm("C", [](int, Row& row) { row.kills = {{3, "hog", false, 30}, {20, "other", true}}; });
  EXPECT_EQ(find(ask_about_times("s", ours, ours), What::time_to_free), nullptr);
  const Arm asked = arm("D", [](int, Row& row) { row.kills = {{3, "hog", true, 4}}; });
  EXPECT_EQ(find(ask_about_times("s", first, asked), What::time_to_free), nullptr) << "D has no own kill";
}

// A run that ended, or that our key f changed, is a lower bound; old rows have no times.
TEST(Times, OfACellAreATable) {
  const Arm arms[] = {arm("A",
                          [](int i, Row& row) {
                            row.setting = "bad";
                            row.pace->stall_s = 2;
                            if (i < 15) row.kills = {{3, "hog", false, 3.5}};
                            if (i == 15) row.kills = {{3, "hog", true, 3.1}};
                          }),
                      arm("B", [](int, Row& row) { row.setting = "good"; }), arm("C", [](int, Row& row) {
                        row.setting = "old";
                        row.watched_s = 9;
                        row.pace.reset();
                      })};
  std::vector<Row> rows;
  for (const Arm& one : arms) rows.insert(rows.end(), one.rows.begin(), one.rows.end());
  EXPECT_EQ(
      times_table(summarise_all(rows, {"bad", "good", "old"})),
      "| setting | to the first stall | to the first kill | from it to freed memory |\n"
      "| --- | --- | --- | --- |\n"
      "| bad | 20: 2.00 s (too few for a 95% interval) | 20: 3.00 s (95%: 3.00 s to 3.00 s) | 15: 0.50 s "
      "(too few for a 95% interval) |\n"
      "| good | all 20 longer than 60 s | all 20 longer than 60 s | none |\n"
      "| old | none | all 20 longer than 9 s | none |\n");
  EXPECT_EQ(times_table(summarise_all(arms[1].rows, {"good"})), "");
}

TEST(Times, WhereTheRateDriftsThirdsAreCompared) {
  const auto drifting = [](double length) {
    return [length](int i, Row& row) {
      if (i < 7) row.hangs = {{HangKind::task, {}, 1, length + i % 3, false, HangEnd::end, {}, {}}};
      if (i == 8 || i == 15) row.hangs = {{HangKind::task, {}, 1, length, false, HangEnd::end, {}, {}}};
    };
  };
  const auto questions = ask_about_times("s", arm("A", drifting(30)), arm("B", drifting(5)));
  const Question* duration = find(questions, What::hang_duration);
  ASSERT_NE(duration, nullptr);
  EXPECT_EQ(duration->test, TestKind::stratified_log_rank);
  EXPECT_EQ(duration->strata, 3);
  EXPECT_EQ(duration->leaning, Says::better);
  EXPECT_THAT(duration->text, HasSubstr("changed over time"));
}

TEST(Times, AHungRunHasTheLongestLatency) {
  const Arm first = arm("A", [](int, Row& row) { row.pace->probe_p95_ms = 900; });
  const Arm second = arm("B", [](int, Row& row) {
    row.pace->probe_p95_ms = 1;
    row.hangs = {{HangKind::hard, {}, 1, 30, true, {}, {}, {}}};
  });
  const auto questions = explore("s", first, second);
  const Question* latency = find(questions, What::probe_latency);
  ASSERT_NE(latency, nullptr);
  EXPECT_EQ(latency->leaning, Says::worse);
  EXPECT_EQ(latency->effect->value, 0);
  EXPECT_EQ(latency->text, "95th percentile, median of the runs: hung, before 900.0 ms");
  const Arm old = arm("C", [](int, Row& row) { row.pace.reset(); });
  EXPECT_EQ(find(explore("s", old, old), What::probe_latency), nullptr);
}

}  // namespace
}  // namespace hangar::compare
