// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/store/results.h"

namespace hangar::store {
namespace {

using testing::HasSubstr;

class ResultsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "results");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  [[nodiscard]] fs::path folder() const { return folder_->path() / "results"; }

  std::optional<TempDir> folder_;
};

TEST_F(ResultsTest, FilesAreWrittenBelowTheFolder) {
  Results results(folder());
  EXPECT_FALSE(results.any());
  ASSERT_TRUE(results.begin("sub/a", 4));
  ASSERT_TRUE(results.data("ab"));
  ASSERT_TRUE(results.data("cd"));
  ASSERT_TRUE(results.begin("empty", 0));
  results.end();
  EXPECT_EQ(read_file(folder() / "sub" / "a").value_or(""), "abcd");
  EXPECT_TRUE(fs::exists(folder() / "empty"));
  EXPECT_TRUE(results.all());
  EXPECT_EQ(results.describe(), "copied 2 files (0.0 MiB)");
}

TEST_F(ResultsTest, PathsThatLeaveTheFolderAreRefused) {
  for (const char* path : {"../x", "/x", "a/../../x", "a//b", "", ".", "a/."})
    EXPECT_FALSE(safe_path(path)) << path;
  EXPECT_FALSE(safe_path(std::string(300, 'x')));
  EXPECT_EQ(safe_path("a\x1b[31m\n/b"), fs::path("a_[31m_/b"));
  Results results(folder());
  ASSERT_TRUE(results.begin("../x", 1));
  ASSERT_TRUE(results.data("x"));
  EXPECT_FALSE(fs::exists(folder_->path() / "x"));
  EXPECT_THAT(results.describe(), HasSubstr("../x"));
}

TEST_F(ResultsTest, TheLimitHoldsWhateverTheGuestSends) {
  Results results(folder(), 10);
  ASSERT_TRUE(results.begin("a", 6));
  ASSERT_TRUE(results.data(std::string(100, 'a')));
  ASSERT_TRUE(results.begin("b", 6));
  ASSERT_TRUE(results.data("bbbbbb"));
  results.end();
  EXPECT_EQ(read_file(folder() / "a").value_or(""), "aaaaaa");
  EXPECT_FALSE(fs::exists(folder() / "b"));
  EXPECT_EQ(results.describe(), "copied 1 file (0.0 MiB); not copied: b (0.0 MiB: over the limit)");
}

TEST_F(ResultsTest, AFileIsNotWrittenTwiceAndAMissingEndIsReported) {
  Results results(folder());
  ASSERT_TRUE(results.begin("a", 1));
  ASSERT_TRUE(results.data("1"));
  ASSERT_TRUE(results.begin("a", 1));
  ASSERT_TRUE(results.data("2"));
  ASSERT_TRUE(results.begin("a/b", 1));
  ASSERT_TRUE(results.begin("c", 2));
  ASSERT_TRUE(results.data("x"));
  results.end();
  EXPECT_EQ(read_file(folder() / "a").value_or(""), "1");
  EXPECT_FALSE(results.all());
  EXPECT_THAT(results.describe(), HasSubstr("c (0.0 MiB: its end did not come)"));
}

TEST_F(ResultsTest, OnlyTheFirstFilesAreNamed) {
  Results results(folder());
  for (int i = 0; i < 100; ++i) results.leave("f\x1b" + std::to_string(i), 1, "over the limit");
  EXPECT_THAT(results.describe(), HasSubstr("f\\x1b31 "));
  EXPECT_THAT(results.describe(), HasSubstr(" and 68 more"));
}

}  // namespace
}  // namespace hangar::store
