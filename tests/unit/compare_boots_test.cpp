// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/compare/boots.h"
#include "harness/compare/page.h"

namespace hangar::compare {
namespace {

using testing::HasSubstr;

// `hung` of `runs` from the saved guest `boot`; an empty name: not recorded.
void add(std::vector<Row>& rows, const std::string& boot, int hung, int runs) {
  for (int i = 0; i < runs; ++i) {
    Row row;
    row.id = std::to_string(rows.size());
    row.setting = "s";
    row.end = "done";
    row.restored = runs > 1;
    if (!boot.empty()) row.boot = boot;
    if (i < hung) row.hangs = {{HangKind::memory_stall, {}, 1, 30, true, HangEnd::end, {}, {}}};
    rows.push_back(row);
  }
}

CellSummary cell_of(const std::vector<Row>& rows) {
  return summarise_all(rows, {}).front();
}

TEST(Boots, GuestsThatAgreeAreTestedAndChangeNothing) {
  std::vector<Row> rows;
  for (const char* boot : {"a", "b", "c", "d", "e"}) add(rows, boot, 3, 4);
  const CellSummary cell = cell_of(rows);
  EXPECT_EQ(boots_text(cell.boots), "5 (p = 1)");
  EXPECT_EQ(rates_text(cell.boots), "3 of 4, 3 of 4, 3 of 4, 3 of 4, 3 of 4");
  EXPECT_FALSE(boots_differ(cell.boots));
  EXPECT_THAT(rate_text(cell), HasSubstr("15 of 20 (95%: "));
  EXPECT_THAT(guests_section({cell}), HasSubstr("| s | 3 of 4, 3 of 4, 3 of 4, 3 of 4, 3 of 4 | 1 |"));
}

TEST(Boots, GuestsThatDifferAreTheUnitsOfTheInterval) {
  std::vector<Row> rows;
  for (const char* boot : {"a", "b", "c"}) add(rows, boot, 6, 6);
  for (const char* boot : {"d", "e"}) add(rows, boot, 0, 6);
  const CellSummary cell = cell_of(rows);
  EXPECT_TRUE(boots_differ(cell.boots));
  EXPECT_THAT(rate_text(cell), HasSubstr("18 of 30 (95% by guest: "));
  const auto plain = stats::exact_interval(18, 30);
  EXPECT_LT(cell.rate.low, plain.low) << "what one guest did six times is one observation";
  EXPECT_GT(cell.rate.high, plain.high);
}

TEST(Boots, RunsThatBootedThemselvesAreNoClusters) {
  std::vector<Row> rows;
  for (const char* boot : {"a", "b", "c"}) add(rows, boot, 1, 1);
  const CellSummary cell = cell_of(rows);
  EXPECT_EQ(boots_text(cell.boots), "3");
  EXPECT_EQ(guests_section({cell}), "");
}

TEST(Boots, UnknownOnesAreSaidToBe) {
  std::vector<Row> rows;
  add(rows, "", 1, 2);
  EXPECT_EQ(boots_text(cell_of(rows).boots), "boots unknown");
  EXPECT_THAT(markdown_table({cell_of(rows)}), HasSubstr("| boots unknown |"));
  add(rows, "a", 2, 2);
  add(rows, "b", 0, 2);
  EXPECT_EQ(boots_text(cell_of(rows).boots), "2, and 2 runs of unknown boots");
  EXPECT_FALSE(cell_of(rows).boots.homogeneity);
  EXPECT_EQ(boots_text(Boots{}), "-");
}

TEST(Boots, AGuestThatRanOnceIsNoSavedGuest) {
  std::vector<Row> rows;
  for (const char* boot : {"a", "b"}) add(rows, boot, 2, 2);
  add(rows, "c", 0, 1);
  EXPECT_EQ(rates_text(cell_of(rows).boots), "2 of 2, 2 of 2, 0 of 1 (not restored)");
}

TEST(Boots, RowsOfAKernelThatCannotRunTheProgramCountNowhere) {
  std::vector<Row> rows;
  add(rows, "a", 1, 3);
  rows.back().verdict = "inconclusive";
  rows.back().exit_code = 77;
  EXPECT_EQ(cell_of(rows).runs, 2);
  rows.back().verdict = "pass";
  EXPECT_EQ(cell_of(rows).runs, 3) << "the scenario expects this status";
}

TEST(Boots, RowsOfSeveralBuildsAreSaidToBe) {
  std::vector<Row> rows;
  add(rows, "a", 1, 2);
  for (Row& row : rows) row.kernel_digest = "1";
  EXPECT_THAT(markdown_table({cell_of(rows)}), testing::Not(HasSubstr("builds")));
  rows.back().kernel_digest = "2";
  EXPECT_THAT(markdown_table({cell_of(rows)}), HasSubstr(", on 2 builds of the kernel |"));
}

}  // namespace
}  // namespace hangar::compare
