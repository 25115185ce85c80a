// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/date.h"

namespace hangar {
namespace {

using testing::HasSubstr;

TEST(Date, IsUtc) {
  EXPECT_EQ(parse_date("1970-01-01")->unix_s, 0);
  EXPECT_EQ(parse_date("2026-11-28")->unix_s, 1795824000);
  EXPECT_EQ(parse_date("2026-11-28T18:30")->unix_s, 1795824000 + 18 * 3600 + 30 * 60);
  EXPECT_EQ(parse_date("2026-11-28 18:30:05")->unix_s, 1795824000 + 18 * 3600 + 30 * 60 + 5);
  EXPECT_EQ(parse_date("2028-02-29")->unix_s - parse_date("2028-02-28")->unix_s, 86400);
}

TEST(Date, KnowsWhetherItIsAWholeDay) {
  EXPECT_TRUE(parse_date("2026-11-28")->day);
  EXPECT_FALSE(parse_date("2026-11-28T00:00")->day);
}

TEST(Date, OthersAreRefused) {
  for (const char* text : {"", "2026-11", "2026-13-01", "2026-02-29", "2026-11-28T", "2026-11-28T24:00",
                           "2026-11-28T10:60", "2026-11-28T10:00:60", "2026/11/28", "28-11-2026",
                           "2026-11-2a", " 2026-11-28", "2026-11-28x", "+026-11-28", "yesterday"}) {
    const auto date = parse_date(text);
    ASSERT_FALSE(date) << text;
    EXPECT_EQ(date.error().fault, Fault::user);
    EXPECT_THAT(date.error().message, HasSubstr("write 2026-11-28"));
  }
}

}  // namespace
}  // namespace hangar
