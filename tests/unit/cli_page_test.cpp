// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/cli/page.h"

namespace hangar::cli {
namespace {

TEST(Page, WrapsProseAndKeepsCode) {
  EXPECT_EQ(
      render_page("<!-- SPDX -->\n# Title\n\nOne two three\nfour five.\n\n    code that is long enough\n\n"
                  "```\nalso | code\n```\n",
                  14),
      "# Title\n\nOne two three\nfour five.\n\n    code that is long enough\n\nalso | code\n");
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

}  // namespace
}  // namespace hangar::cli
