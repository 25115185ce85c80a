// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/guest/base64.h"
#include "harness/guest/signals.h"

namespace hangar::guest {
namespace {

TEST(Base64, TheExamplesOfItsStandardAreDecoded) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decode_base64("AP/+"), std::string("\0\xff\xfe", 3));
}

TEST(Base64, OtherTextIsRefused) {
  for (const char* text : {"Z", "Zg=", "Zg===", "Z g=", "Zm9v\nZg=", "Zg==Zg=="})
    EXPECT_FALSE(decode_base64(text)) << text;
}

TEST(Base64, MessagesAboutResultsNeedTheirParts) {
  const auto file = parse_agent(R"({"t":"file","path":"a/b","bytes":3})");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->path, "a/b");
  EXPECT_EQ(file->bytes, 3u);
  EXPECT_EQ(parse_agent(R"({"t":"data","base64":"Zm9v"})")->text, "foo");
  EXPECT_FALSE(parse_agent(R"({"t":"file","bytes":3})"));
  EXPECT_FALSE(parse_agent(R"({"t":"file","path":"a","bytes":-1})"));
  EXPECT_FALSE(parse_agent(R"({"t":"data","base64":"?"})"));
  EXPECT_FALSE(parse_agent(R"({"t":"data"})"));
}

}  // namespace
}  // namespace hangar::guest
