// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/patch/parse.h"

namespace hangar::patch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string simple =
    "Subject: a change\n\n--- not a header\n\ndiff --git a/mm/x.c b/mm/x.c\nindex 1..2 100644\n--- "
    "a/mm/x.c\n+++ b/mm/x.c\n"
    "@@ -4,3 +4,4 @@ int f()\n 4\n-5\n+five\n+more\n 6\n-- \n2.39\n";

std::vector<FileChange> parsed(const std::string& text) {
  auto files = parse(text, "t.patch");
  EXPECT_TRUE(files) << (files ? "" : files.error().message);
  return files ? *files : std::vector<FileChange>();
}

std::string message_of(const std::string& text) {
  const auto files = parse(text, "t.patch");
  if (files) return "parsed";
  EXPECT_EQ(files.error().fault, Fault::user);
  return files.error().message;
}

TEST(PatchParse, ReadsFilesAndHunks) {
  const auto files = parsed(simple);
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].old_path, "mm/x.c");
  EXPECT_EQ(files[0].new_path, "mm/x.c");
  ASSERT_EQ(files[0].hunks.size(), 1u);
  EXPECT_THAT(old_side(files[0].hunks[0]), ElementsAre("4\n", "5\n", "6\n"));
  EXPECT_THAT(new_side(files[0].hunks[0]), ElementsAre("4\n", "five\n", "more\n", "6\n"));
}

TEST(PatchParse, CutAnywhereItNeverInventsAHunk) {
  const auto whole = parsed(simple);
  for (size_t size = 0; size < simple.size(); ++size) {
    const auto files = parse(simple.substr(0, size), "t.patch");
    if (!files) continue;
    ASSERT_EQ(files->size(), 1u) << size;
    ASSERT_EQ((*files)[0].hunks.size(), 1u) << size;
    EXPECT_EQ(old_side((*files)[0].hunks[0]), old_side(whole[0].hunks[0])) << size;
  }
}

TEST(PatchParse, RefusesPathsThatLeaveTheTree) {
  const auto hunk = std::string("@@ -1 +1 @@\n-a\n+b\n");
  EXPECT_THAT(message_of("--- a/../x\n+++ b/../x\n" + hunk), HasSubstr("leaves the source tree"));
  EXPECT_THAT(message_of("--- a/mm/../../x\n+++ b/y\n" + hunk), HasSubstr("leaves the source tree"));
  EXPECT_THAT(message_of("--- /etc/passwd\n+++ /etc/passwd\n" + hunk), HasSubstr("absolute"));
  EXPECT_THAT(message_of("--- a//etc/passwd\n+++ b//etc/passwd\n" + hunk), HasSubstr("absolute"));
  EXPECT_THAT(message_of("--- a/.git/config\n+++ b/.git/config\n" + hunk),
              HasSubstr("t.patch:1: the path .git/config points into a repository, which is refused"));
  EXPECT_THAT(message_of("diff --git a/x b/x\nrename from ../x\nrename to y\n"),
              HasSubstr("leaves the source tree"));
  EXPECT_THAT(
      message_of("diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n"),
      HasSubstr("symbolic link"));
}

TEST(PatchParse, NamesDamage) {
  EXPECT_THAT(message_of("only words\n"), HasSubstr("no diff"));
  EXPECT_THAT(message_of("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n"),
              HasSubstr("t.patch:3: hunk 1 of x is cut off"));
  EXPECT_THAT(message_of("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n-b\n-c\n+d\n+e\n"),
              HasSubstr("other line counts"));
  EXPECT_THAT(message_of("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n* b\n"),
              HasSubstr("neither context nor a change"));
  EXPECT_THAT(message_of("diff --git a/x b/x\nindex 1..2\nGIT binary patch\n"), HasSubstr("binary"));
}

TEST(PatchParse, NotesWhereThingsAre) {
  const auto files = parsed("From: a\n\n" + simple);
  EXPECT_EQ(files.at(0).at_line, 7u);
  EXPECT_EQ(files[0].hunks.at(0).at_line, 11u);
  EXPECT_EQ(files[0].hunks[0].section, " int f()");
}

TEST(PatchParse, AMissingNewlineThatIsNotedTwiceIsNotedOnce) {
  const std::string note = "\\ No newline at end of file\n";
  const auto files = parsed("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-\n" + note + note + note + "+c\n" + note + note);
  EXPECT_THAT(old_side(files.at(0).hunks.at(0)), ElementsAre(""));
  EXPECT_THAT(new_side(files[0].hunks[0]), ElementsAre("c"));
}

// The hunk is not skipped, and its place is not added up to a place before the file.
TEST(PatchParse, RefusesHunkHeadersThatCannotBe) {
  const std::string good = "@@ -1 +1 @@\n-a\n+b\n";
  for (const char* bad : {"@@ -9223372036854775808 +1 @@\n-c\n+d\n",
                          "@@ -99999999999999999999 +1 @@\n-c\n+d\n", "@@ -5,x +1 @@\n-c\n+d\n"}) {
    EXPECT_THAT(message_of("--- a/x\n+++ b/x\n" + good + bad),
                HasSubstr("t.patch:6: this is not a whole hunk header"));
    EXPECT_THAT(message_of(std::string("--- a/x\n+++ b/x\n") + bad),
                HasSubstr("t.patch:3: this is not a whole"));
  }
}

}  // namespace
}  // namespace hangar::patch
