// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/patch/apply.h"

namespace hangar::patch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string ten = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
const std::string simple =
    "Subject: a change\n\n--- not a header\n\ndiff --git a/mm/x.c b/mm/x.c\nindex 1..2 100644\n--- "
    "a/mm/x.c\n+++ b/mm/x.c\n"
    "@@ -4,3 +4,4 @@ int f()\n 4\n-5\n+five\n+more\n 6\n-- \n2.39\n";

std::vector<FilePatch> parsed(const std::string& text) {
  auto files = parse_patch(text, "t.patch");
  EXPECT_TRUE(files) << (files ? "" : files.error().message);
  return files ? *files : std::vector<FilePatch>();
}

std::string message_of(const std::string& text) {
  const auto files = parse_patch(text, "t.patch");
  if (files) return "parsed";
  EXPECT_EQ(files.error().fault, Fault::user);
  return files.error().message;
}

class PatchTree : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "patch-");
    ASSERT_TRUE(made);
    folder_ = std::make_unique<TempDir>(std::move(*made));
    put("mm/x.c", ten);
  }
  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(fs::create_directories((tree() / name).parent_path()));
    ASSERT_TRUE(write_file(tree() / name, text));
  }
  std::string get(const std::string& name) {
    const auto text = read_file(tree() / name);
    return text ? *text : "(none)";
  }
  const fs::path& tree() const { return folder_->path(); }
  Result<Applied> apply(const std::string& text) {
    TRY_ASSIGN(const auto files, parse_patch(text, "t.patch"));
    return apply_patch(tree(), files, "t.patch");
  }
  std::unique_ptr<TempDir> folder_;
};

TEST(Patch, ReadsFilesAndHunks) {
  const auto files = parsed(simple);
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].old_path, "mm/x.c");
  EXPECT_EQ(files[0].new_path, "mm/x.c");
  ASSERT_EQ(files[0].hunks.size(), 1u);
  EXPECT_THAT(files[0].hunks[0].old_lines, ElementsAre("4\n", "5\n", "6\n"));
  EXPECT_THAT(files[0].hunks[0].new_lines, ElementsAre("4\n", "five\n", "more\n", "6\n"));
}

TEST(Patch, CutAnywhereItNeverInventsAHunk) {
  const auto whole = parsed(simple);
  for (size_t size = 0; size < simple.size(); ++size) {
    const auto files = parse_patch(simple.substr(0, size), "t.patch");
    if (!files) continue;
    ASSERT_EQ(files->size(), 1u) << size;
    ASSERT_EQ((*files)[0].hunks.size(), 1u) << size;
    EXPECT_EQ((*files)[0].hunks[0].old_lines, whole[0].hunks[0].old_lines) << size;
  }
}

TEST(Patch, RefusesPathsThatLeaveTheTree) {
  const auto hunk = std::string("@@ -1 +1 @@\n-a\n+b\n");
  EXPECT_THAT(message_of("--- a/../x\n+++ b/../x\n" + hunk), HasSubstr("leaves the source tree"));
  EXPECT_THAT(message_of("--- a/mm/../../x\n+++ b/y\n" + hunk), HasSubstr("leaves the source tree"));
  EXPECT_THAT(message_of("--- /etc/passwd\n+++ /etc/passwd\n" + hunk), HasSubstr("absolute"));
  EXPECT_THAT(message_of("--- a//etc/passwd\n+++ b//etc/passwd\n" + hunk),
              HasSubstr("leaves the source tree"));
  EXPECT_THAT(message_of("diff --git a/x b/x\nrename from ../x\nrename to y\n"),
              HasSubstr("leaves the source tree"));
  EXPECT_THAT(
      message_of("diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n"),
      HasSubstr("symbolic link"));
}

TEST(Patch, NamesDamage) {
  EXPECT_THAT(message_of("only words\n"), HasSubstr("no diff"));
  EXPECT_THAT(message_of("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n"),
              HasSubstr("t.patch:3: hunk 1 of x is cut off"));
  EXPECT_THAT(message_of("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n-b\n-c\n+d\n+e\n"),
              HasSubstr("other line counts"));
  EXPECT_THAT(message_of("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n* b\n"),
              HasSubstr("neither context nor a change"));
  EXPECT_THAT(message_of("diff --git a/x b/x\nindex 1..2\nGIT binary patch\n"), HasSubstr("binary"));
}

TEST(Patch, FindsAHunkThatMoved) {
  const auto files = parsed(simple);
  const auto result = apply_hunks("0\n0\n" + ten, files[0].hunks);
  ASSERT_TRUE(result.hunks[0].applied);
  EXPECT_EQ(result.hunks[0].offset, 2);
  EXPECT_EQ(result.text, "0\n0\n1\n2\n3\n4\nfive\nmore\n6\n7\n8\n9\n10\n");
}

TEST(Patch, SaysWhatStandsWhereAHunkShouldGo) {
  const auto files = parsed(simple);
  auto result =
      apply_hunks("1000\n2000\n3000\n4\nfunny\n6\n", {Hunk{1, 3, 3, {"3000\n", "4\n", "5000\n"}, {"x\n"}}});
  EXPECT_FALSE(result.hunks[0].applied);
  EXPECT_EQ(result.hunks[0].reason, "line 5 is `funny`, the patch expects `5000`");
  result = apply_hunks("1\n2\n3\n4\nfive\nmore\n6\n", files[0].hunks);
  EXPECT_THAT(result.hunks[0].reason, HasSubstr("applied already"));
  result = apply_hunks("", files[0].hunks);
  EXPECT_THAT(result.hunks[0].reason, HasSubstr("empty"));
}

// patch(1) and git refuse these two as well: the lines match by chance.
TEST(Patch, AHunkOfAFilesBeginningOrEndStaysThere) {
  const auto first = parsed("--- a/x\n+++ b/x\n@@ -1,3 +1,4 @@\n+new\n 1\n 2\n 3\n");
  EXPECT_EQ(apply_hunks(ten, first[0].hunks).text, "new\n" + ten);
  auto moved = apply_hunks("0\n" + ten, first[0].hunks);
  EXPECT_FALSE(moved.hunks[0].applied);
  EXPECT_EQ(moved.hunks[0].reason, "its lines are at line 2, not at the beginning of the file");
  const auto last = parsed("--- a/x\n+++ b/x\n@@ -8,3 +8,4 @@\n 8\n 9\n 10\n+new\n");
  EXPECT_EQ(apply_hunks("0\n" + ten, last[0].hunks).text, "0\n" + ten + "new\n");
  moved = apply_hunks(ten + "11\n", last[0].hunks);
  EXPECT_FALSE(moved.hunks[0].applied);
  EXPECT_EQ(moved.hunks[0].reason, "its lines are at line 8, not at the end of the file");
}

TEST(Patch, OfTwoPlacesEquallyNearTheLaterOneIsTaken) {
  const auto files = parsed("--- a/x\n+++ b/x\n@@ -3,1 +3,1 @@\n-x\n+y\n");
  EXPECT_EQ(apply_hunks("1\nx\n3\nx\n5\n", files[0].hunks).text, "1\nx\n3\ny\n5\n");
}

TEST(Patch, AHunkThatOnlyRemovesIsNotSaidToBeAppliedAlready) {
  const auto files = parsed("--- a/x\n+++ b/x\n@@ -1,2 +0,0 @@\n-long-line\n-other\n");
  EXPECT_EQ(apply_hunks("long-line\nthird\n", files[0].hunks).hunks[0].reason,
            "line 2 is `third`, the patch expects `other`");
}

TEST(Patch, KeepsAMissingLastNewline) {
  const auto files = parsed(
      "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of "
      "file\n");
  const auto result = apply_hunks("a\nb", files.at(0).hunks);
  ASSERT_TRUE(result.hunks[0].applied);
  EXPECT_EQ(result.text, "a\nc");
  EXPECT_FALSE(apply_hunks("a\nb\n", files[0].hunks).hunks[0].applied);
}

TEST(Patch, AMissingNewlineThatIsNotedTwiceIsNotedOnce) {
  const std::string note = "\\ No newline at end of file\n";
  const auto files = parsed("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-\n" + note + note + note + "+c\n" + note + note);
  EXPECT_THAT(files.at(0).hunks.at(0).old_lines, ElementsAre(""));
  EXPECT_THAT(files[0].hunks[0].new_lines, ElementsAre("c"));
}

// The hunk is not skipped, and its place is not added up to a place before the file.
TEST(Patch, RefusesHunkHeadersThatCannotBe) {
  const std::string good = "@@ -1 +1 @@\n-a\n+b\n";
  for (const char* bad : {"@@ -9223372036854775808 +1 @@\n-c\n+d\n",
                          "@@ -99999999999999999999 +1 @@\n-c\n+d\n", "@@ -5,x +1 @@\n-c\n+d\n"}) {
    EXPECT_THAT(message_of("--- a/x\n+++ b/x\n" + good + bad),
                HasSubstr("t.patch:6: this is not a whole hunk header"));
    EXPECT_THAT(message_of(std::string("--- a/x\n+++ b/x\n") + bad),
                HasSubstr("t.patch:3: this is not a whole"));
  }
}

TEST_F(PatchTree, ReplacesTheFileAndNotTheSharedInode) {
  std::filesystem::create_hard_link(tree() / "mm/x.c", tree() / "pristine.c");
  const auto applied = apply(simple);
  ASSERT_TRUE(applied) << applied.error().detail;
  EXPECT_EQ(get("mm/x.c"), "1\n2\n3\n4\nfive\nmore\n6\n7\n8\n9\n10\n");
  EXPECT_EQ(get("pristine.c"), ten);
  EXPECT_THAT(applied->touched, ElementsAre("mm/x.c"));
}

TEST_F(PatchTree, MakesRemovesAndRenames) {
  put("old.c", "a\n");
  put("gone.c", "b\n");
  const auto applied = apply(
      "diff --git a/new/s.sh b/new/s.sh\nnew file mode 100755\nindex 0..1\n--- /dev/null\n+++ b/new/s.sh\n@@ "
      "-0,0 +1 @@\n+x\n"
      "diff --git a/gone.c b/gone.c\ndeleted file mode 100644\n--- a/gone.c\n+++ /dev/null\n@@ -1 +0,0 "
      "@@\n-b\n"
      "diff --git a/old.c b/moved.c\nsimilarity index 100%\nrename from old.c\nrename to moved.c\n");
  ASSERT_TRUE(applied) << applied.error().message << applied.error().detail;
  EXPECT_EQ(get("new/s.sh"), "x\n");
  struct stat info = {};
  ASSERT_EQ(::stat((tree() / "new/s.sh").c_str(), &info), 0);
  EXPECT_TRUE((info.st_mode & S_IXUSR) != 0);
  EXPECT_FALSE(fs::exists(tree() / "gone.c"));
  EXPECT_FALSE(fs::exists(tree() / "old.c"));
  EXPECT_EQ(get("moved.c"), "a\n");
}

TEST_F(PatchTree, ListsEveryHunkThatFails) {
  const auto applied = apply(
      "--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1 +1 @@\n-1\n+one\n@@ -9 +9 @@\n-nine\n+n\n"
      "--- a/mm/y.c\n+++ b/mm/y.c\n@@ -1 +1 @@\n-1\n+one\n");
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().fault, Fault::user);
  EXPECT_EQ(applied.error().message, "the patch t.patch does not apply: 2 of 3 hunks fail");
  EXPECT_THAT(applied.error().detail, HasSubstr("mm/x.c: hunk 2 of 2 (for line 9): "));
  EXPECT_THAT(applied.error().detail, HasSubstr("mm/y.c: there is no such file"));
  EXPECT_EQ(get("mm/x.c"), ten);
}

TEST_F(PatchTree, DoesNotWriteThroughLinks) {
  auto outside = TempDir::make(testing::TempDir(), "outside-");
  ASSERT_TRUE(outside);
  ASSERT_TRUE(write_file(outside->path() / "x.c", ten));
  std::filesystem::create_symlink(outside->path(), tree() / "link");
  for (const char* name : {"link/x.c", "link/new.c"}) {
    const std::string text = std::string("--- a/") + name + "\n+++ b/" + name + "\n@@ -1 +1 @@\n-1\n+one\n";
    const auto applied = apply(text);
    ASSERT_FALSE(applied);
    EXPECT_THAT(applied.error().message, HasSubstr("symbolic link"));
  }
  EXPECT_EQ(*read_file(outside->path() / "x.c"), ten);
}

}  // namespace
}  // namespace hangar::patch
