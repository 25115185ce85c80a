// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/kernel/source/version.h"

namespace hangar::kernel {
namespace {

bool in(const char* range, const char* version) {
  const auto parsed = parse_range(range);
  return parsed && parsed->contains(parse_version(version));
}

TEST(KernelVersion, ReadsTheLeadingNumbers) {
  EXPECT_EQ(parse_version("6.1.192-2"), (Version{6, 1, 192}));
  EXPECT_EQ(parse_version("7.2-rc3"), (Version{7, 2}));
  EXPECT_TRUE(parse_version("next").empty());
  EXPECT_EQ(dotted({6, 1, 192}), "6.1.192");
}

TEST(KernelVersion, ATermSaysSomethingAboutAsManyNumbersAsItHas) {
  EXPECT_TRUE(in(">=6.1 <6.10", "6.1.192"));
  EXPECT_TRUE(in(">=6.1 <6.10", "6.9.1"));
  EXPECT_FALSE(in(">=6.1 <6.10", "6.10.0"));
  EXPECT_FALSE(in(">=6.1 <6.10", "5.10.1"));
  EXPECT_TRUE(in("<=6.1", "6.1.192"));
  EXPECT_FALSE(in(">6.1", "6.1.192"));
  EXPECT_TRUE(in("6.1", "6.1.3"));
  EXPECT_TRUE(in("=6.1", "6.1.3"));
  EXPECT_FALSE(in("6.1.4", "6.1.3"));
  EXPECT_TRUE(in("", "4.0"));
}

TEST(KernelVersion, RefusesWhatIsNoRange) {
  for (const char* text : {">=", "six", "=>6.1", ">=6.1x", "><6.1", "..", "99999999999999999999"})
    EXPECT_FALSE(parse_range(text)) << text;
}

}  // namespace
}  // namespace hangar::kernel
