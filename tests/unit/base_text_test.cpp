// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/text.h"

namespace hangar {
namespace {

using testing::HasSubstr;

TEST(Text, EscapesControlBytesAndBrokenUtf8) {
  EXPECT_EQ(sanitize_for_terminal("a\x1b[2Jb\r\xc2\x9b\xff"
                                  "c\té"),
            "a\\x1b[2Jb\\x0d\\xc2\\x9b\\xffc\té");
}

TEST(Text, SuggestsOnlyNearWords) {
  EXPECT_EQ(nearest("at-mst", {"at-most", "at-least"}), "at-most");
  EXPECT_EQ(nearest("rnu", {"log", "run", "cache"}), "run");
  EXPECT_EQ(nearest("lsit", {"log", "list"}), "list");
  EXPECT_EQ(nearest("ur", {"run"}), "");
  EXPECT_EQ(nearest("zebra", {"at-most", "at-least"}), "");
}

TEST(Text, DurationsNeedAUnit) {
  EXPECT_EQ(parse_duration("1.5s")->count(), 1500);
  EXPECT_EQ(parse_duration("2m")->count(), 120000);
  EXPECT_FALSE(parse_duration("10"));
  EXPECT_FALSE(parse_duration("-1s"));
  EXPECT_FALSE(parse_duration(""));
}

TEST(Text, SizesAreBinary) {
  EXPECT_EQ(*parse_size("256MiB"), 256u << 20);
  EXPECT_THAT(parse_size("256MB").error().message, HasSubstr("256MiB"));
}

}  // namespace
}  // namespace hangar
