// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/patch/apply.h"
#include "harness/patch/parse.h"

namespace hangar::patch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string ten = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
const std::string simple =
    "Subject: a change\n\n--- not a header\n\ndiff --git a/mm/x.c b/mm/x.c\nindex 1..2 100644\n--- "
    "a/mm/x.c\n+++ b/mm/x.c\n"
    "@@ -4,3 +4,4 @@ int f()\n 4\n-5\n+five\n+more\n 6\n-- \n2.39\n";

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
  Result<std::vector<std::string>> apply(const std::string& text) {
    TRY_ASSIGN(const auto files, parse(text, "t.patch"));
    return patch::apply(tree(), files, "t.patch");
  }
  std::unique_ptr<TempDir> folder_;
};

TEST_F(PatchTree, ReplacesTheFileAndNotTheSharedInode) {
  std::filesystem::create_hard_link(tree() / "mm/x.c", tree() / "pristine.c");
  const auto applied = apply(simple);
  ASSERT_TRUE(applied) << applied.error().detail;
  EXPECT_EQ(get("mm/x.c"), "1\n2\n3\n4\nfive\nmore\n6\n7\n8\n9\n10\n");
  EXPECT_EQ(get("pristine.c"), ten);
  EXPECT_THAT(*applied, ElementsAre("mm/x.c"));
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
