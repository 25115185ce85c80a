// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/compare/censoring.h"
#include "harness/compare/page.h"

namespace hangar::compare {
namespace {

using testing::HasSubstr;

HangRow by_sysrq(double until_s, bool it_helped = true) {
  return {HangKind::memory_stall,
          {},
          2,
          until_s,
          true,
          it_helped ? HangEnd::sysrq_f : HangEnd::end,
          "sysrq-f",
          {}};
}
HangRow outlasting(double seconds) {
  return {HangKind::memory_stall, {}, 2, seconds, true, HangEnd::end, {}, {}};
}
HangRow over(double seconds) {
  return {HangKind::memory_stall, {}, 2, seconds, false, HangEnd::recovery, {}, 2 + seconds};
}

std::string text_of(const std::vector<HangRow>& hangs) {
  std::vector<const HangRow*> all;
  for (const HangRow& hang : hangs) all.push_back(&hang);
  return no_median_text(censoring_of(all));
}

TEST(Censoring, HangsThatWeEndedHaveNoMedian) {
  EXPECT_EQ(text_of(std::vector<HangRow>(24, by_sysrq(31.04))),
            "no median: all 24 hangs were ended by our SysRq f, after at least 31.0 s");
  EXPECT_EQ(text_of({by_sysrq(31.5)}),
            "no median: the only hang was ended by our SysRq f, after at least 31.5 s");
  EXPECT_EQ(text_of({by_sysrq(31.5), by_sysrq(33, false)}),
            "no median: both hangs were disturbed by our SysRq f, after at least 31.5 s");
}

TEST(Censoring, UnaidedHangsThatLastGiveAnExactBound) {
  EXPECT_EQ(text_of(std::vector<HangRow>(10, outlasting(610.9))),
            "10 of 10 still hung after 610 s; at most 31% end earlier (95%)");
}

TEST(Censoring, MixturesSayHowManyOfEach) {
  EXPECT_EQ(text_of({by_sysrq(31), outlasting(40), outlasting(50), over(10)}),
            "no median: 1 of 4 hangs was ended by our SysRq f and 2 of 4 outlasted watching, after at least "
            "31.0 s");
}

Row row_of(const std::string& id, const HangRow& hang) {
  Row row;
  row.id = id;
  row.setting = "s";
  row.end = "done";
  row.watched_s = 120;
  row.hangs = {hang};
  return row;
}

TEST(Censoring, TheTableShowsAMedianOnlyWhereHangsEndedByThemselves) {
  const auto ended = summarise_all({row_of("a", by_sysrq(31)), row_of("b", by_sysrq(32))}, {}).front();
  EXPECT_FALSE(ended.duration.seconds);
  EXPECT_THAT(duration_text(ended), HasSubstr("no median: both hangs"));
  const auto mixed =
      summarise_all({row_of("a", over(10)), row_of("b", over(12)), row_of("c", by_sysrq(31))}, {});
  EXPECT_THAT(duration_text(mixed.front()), testing::StartsWith("12.0 s"));
  EXPECT_THAT(duration_text(mixed.front()), testing::EndsWith("; 1 of 3 censored by our SysRq f"));
}

// What SysRq f does to a hung guest is told with the times that it took in fact.
TEST(Censoring, TheTableOfSysrqUsesWhenItWasOver) {
  Row row = row_of("a", by_sysrq(31));
  row.hangs[0].over_s = 55.5;
  row.kills = {{2.1, "child", false}, {33.5, "reader", true}, {55, "hog", true}, {80, "later", true}};
  const auto cell = summarise_all({row}, {}).front();
  EXPECT_EQ(cell.sysrq_f.ended, 1);
  EXPECT_EQ(cell.sysrq_f.kills.front(), 2);
  EXPECT_DOUBLE_EQ(cell.sysrq_f.after_s.front(), 53.5);
  EXPECT_EQ(cell.sysrq_f.enders.front(), "hog");
}

}  // namespace
}  // namespace hangar::compare
