// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/base/escape.h"

namespace hangar {
namespace {

constexpr const char* hostile = "a|b<script>&\x1b[31m`*_\"'\xc2\x9b\xff[x](y)\\\n\tz";

TEST(Escape, TerminalsGetNoControlBytes) {
  EXPECT_EQ(sanitize_for_terminal(hostile), "a|b<script>&\\x1b[31m`*_\"'\\xc2\\x9b\\xff[x](y)\\\\x0a\tz");
  EXPECT_EQ(sanitize_lines("a\x1b\nb\n"), "a\\x1b\nb\n");
  EXPECT_EQ(sanitize_lines(""), "");
}

TEST(Escape, AMarkdownCellStaysOneCell) {
  EXPECT_EQ(escape_markdown(hostile),
            "a\\|b&lt;script&gt;&amp;\\\\x1b\\[31m\\`\\*_\"'\\\\xc2\\\\x9b\\\\xff\\[x\\](y)\\\\\\\\x0a z");
  EXPECT_EQ(markdown_row({"a", "", "b|c"}), "| a | | b\\|c |\n");
}

TEST(Escape, HtmlGetsNoMarkup) {
  EXPECT_EQ(escape_html(hostile),
            "a|b&lt;script&gt;&amp;\\x1b[31m`*_&quot;&#39;\\xc2\\x9b\\xff[x](y)\\\n\tz");
}

}  // namespace
}  // namespace hangar
