// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/cli/page.h"

namespace hangar::cli {
namespace {

TEST(Page, WrapsProseAndKeepsCode) {
  EXPECT_EQ(render_page("<!-- SPDX -->\nOne two three\nfour five.\n\n    code that is long enough\n\n"
                        "```\nalso | code\n```\n",
                        14),
            "One two three\nfour five.\n\n    code that is long enough\n\n    also | code\n");
}

TEST(Page, TextBelowAHeadingIsIndented) {
  EXPECT_EQ(render_page("# Title\n\nOne two three.\n\n## Part\n\n- one\n\n    code\n", 12),
            "Title\n\n  One two\n  three.\n\nPart\n\n  - one\n\n    code\n");
}

TEST(Page, MarksAreLeftOut) {
  EXPECT_EQ(render_page("A [link](../a.md), **bold** and `a[1](2) **x**`.\n", 80),
            "A link, bold and `a[1](2) **x**`.\n");
}

TEST(Page, ListItemsHang) {
  EXPECT_EQ(render_page("- one two three\n  four\n- five\n10. six seven eight\n", 12),
            "- one two\n  three four\n- five\n10. six\n    seven\n    eight\n");
}

TEST(Page, TablesAreAlignedWhereTheyFit) {
  EXPECT_EQ(
      render_page("| a | what |\n| --- | --- |\n| b\\|c | one two three four five six seven eight nine |\n",
                  40),
      "a    what\nb|c  one two three four five six seven\n     eight nine\n");
}

TEST(Page, WideTablesGoBelowEachOther) {
  EXPECT_EQ(
      render_page(
          "| key | a column | what |\n| --- | --- | --- |\n| k | a value of ten words | text text |\n", 30),
      "k\n    a column: a value of ten\n      words\n    what: text text\n");
}

TEST(Page, OfTwoColumnsTheSecondNeedsNoName) {
  EXPECT_EQ(render_page("| key | what |\n| --- | --- |\n| a name of five words here | text text |\n", 30),
            "a name of five words here\n    text text\n");
}

}  // namespace
}  // namespace hangar::cli
