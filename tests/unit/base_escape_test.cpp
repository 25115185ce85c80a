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

TEST(Escape, SurrogatesAndOverlongSequencesAreNotUtf8) {
  EXPECT_EQ(sanitize_for_terminal("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(sanitize_for_terminal("\xe0\x80\x8a"), "\\xe0\\x80\\x8a");
  EXPECT_EQ(sanitize_for_terminal("\xf0\x80\x80\x8a"), "\\xf0\\x80\\x80\\x8a");
  EXPECT_EQ(sanitize_for_terminal("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  const std::string valid = "\xed\x9f\xbf \xe0\xa0\x80 \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf";
  EXPECT_EQ(sanitize_for_terminal(valid), valid);
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
