// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/text.h"
#include "harness/mail/recover.h"
#include "harness/patch/diff.h"
#include "tests/unit/random_diff.h"

namespace hangar::mail {
namespace {

std::vector<std::string> lines_of(const std::string& diff) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(diff, '\n')) lines.emplace_back(line);
  lines.pop_back();  // what follows the last newline
  return lines;
}

// As a reply quotes it: each line behind `depth` marks.
std::string quoted(const std::string& text, int depth) {
  std::string out;
  for (const std::string& line : lines_of(text)) {
    for (int i = 0; i < depth; ++i) out += "> ";
    out += line + "\n";
  }
  return out;
}

TEST(MailProperty, ADiffComesBackAsItWasHoweverDeepItIsQuoted) {
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::string diff = random_diff(random, random_lines(random, 30));
    if (diff.empty()) continue;
    const int depth = below(random, 4);
    const auto found = recover_diffs("Hello,\n\nthis is what I mean:\n\n" + quoted(diff, depth) + "\nBye\n");
    ASSERT_EQ(found.size(), 1u) << diff;
    ASSERT_TRUE(found[0].whole()) << depth << "\n" << diff;
    ASSERT_EQ(patch::to_text(found[0]), "diff --git a/f b/f\n" + diff) << depth;
  }
}

TEST(MailProperty, CutAnywhereNoHunkIsMadeUp) {
  Random random(2);
  for (int i = 0; i < 300; ++i) {
    const std::string diff = random_diff(random, random_lines(random, 30));
    if (diff.empty()) continue;
    const auto whole = recover_diffs(diff).at(0).hunks;
    const auto cut =
        recover_diffs(diff.substr(0, static_cast<size_t>(below(random, static_cast<int>(diff.size())))));
    for (size_t at = 0; !cut.empty() && at < cut[0].hunks.size(); ++at) {
      if (!cut[0].hunks[at].whole()) continue;
      ASSERT_LT(at, whole.size());
      EXPECT_EQ(cut[0].hunks[at].lines, whole[at].lines) << diff;
    }
  }
}

// The last two lines of a diff may look like the names of a file.
TEST(MailProperty, LinesThatCompleteAHunkAreItsOwn) {
  const auto files = recover_diffs("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n--- a/y\n+++ b/y\n");
  ASSERT_EQ(files.size(), 1U);
  EXPECT_TRUE(files[0].whole());
  const auto cut = recover_diffs("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n--- a/y\n+++ b/y\n");
  ASSERT_EQ(cut.size(), 2U) << "the hunk lacks more than these lines";
  EXPECT_FALSE(cut[0].whole());
}

// A long word behind an empty context line is not the rest of it.
TEST(MailProperty, NothingIsJoinedToAnEmptyLine) {
  const auto files =
      recover_diffs("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n\n" + std::string(200, 'w') + "\n-b\n+c\n");
  ASSERT_EQ(files.size(), 1U);
  for (const patch::Hunk& hunk : files[0].hunks) {
    for (const std::string& line : hunk.lines) EXPECT_FALSE(line.starts_with('w'));
  }
}

TEST(MailProperty, APlaceThatNoFileHasIsDamage) {
  const auto files = recover_diffs("--- a/x\n+++ b/x\n@@ -9223372036854775808 +1 @@\n-a\n+b\n");
  ASSERT_EQ(files.size(), 1u);
  EXPECT_TRUE(files[0].hunks.empty());
  EXPECT_FALSE(files[0].whole());
}

}  // namespace
}  // namespace hangar::mail
