// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/kernel/spec/stack.h"

namespace hangar::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class KernelStack : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "stack-");
    ASSERT_TRUE(made);
    folder_ = std::make_unique<TempDir>(std::move(*made));
    for (const char* side : {"pristine", "work"}) {
      ASSERT_TRUE(fs::create_directories(folder_->path() / side / "mm"));
      ASSERT_TRUE(
          write_file(folder_->path() / side / "mm/a.c", "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n"));
    }
  }
  auto apply(const std::vector<PatchFile>& patches) {
    return apply_stack(folder_->path() / "work", folder_->path() / "pristine", patches);
  }
  static PatchFile change(const std::string& series, const std::string& from, const std::string& to) {
    return {series + "/0001-x.patch",
            "--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1 +1 @@\n-" + from + "\n+" + to + "\n"};
  }
  std::unique_ptr<TempDir> folder_;
};

TEST_F(KernelStack, SeriesGoOnTopOfEachOther) {
  const auto touched = apply({change("low", "two", "TWO"), change("high", "TWO", "2")});
  ASSERT_TRUE(touched) << touched.error().message;
  EXPECT_THAT(*touched, ElementsAre("mm/a.c"));
  EXPECT_THAT(*read_file(folder_->path() / "work/mm/a.c"), HasSubstr("one\n2\nthree"));
}

TEST_F(KernelStack, AConflictNamesBothSeriesFileAndHunk) {
  const auto touched = apply({change("low", "two", "TWO"), change("high", "two", "2")});
  ASSERT_FALSE(touched);
  EXPECT_EQ(touched.error().fault, Fault::user);
  EXPECT_THAT(touched.error().message,
              HasSubstr("the patch series high (its 0001-x.patch) conflicts with low"));
  EXPECT_THAT(touched.error().detail, HasSubstr("mm/a.c: hunk 1 of 1 (for line 1)"));
}

TEST_F(KernelStack, WhatFitsNoSourceIsNobodyElsesFault) {
  const auto touched = apply({change("low", "two", "TWO"), change("high", "nine", "9")});
  ASSERT_FALSE(touched);
  EXPECT_THAT(touched.error().message, HasSubstr("the patch high/0001-x.patch does not apply"));
  EXPECT_THAT(touched.error().message, Not(HasSubstr("low")));
}

TEST_F(KernelStack, WhatFitsIsFoundOutWithoutAChange) {
  const fs::path tree = folder_->path() / "work";
  const std::string before = *read_file(tree / "mm/a.c");
  EXPECT_TRUE(fits(tree, {}));
  EXPECT_TRUE(fits(tree, {change("low", "two", "TWO"), change("high", "TWO", "2")}));
  EXPECT_FALSE(fits(tree, {change("low", "two", "TWO"), change("high", "two", "2")}));
  EXPECT_FALSE(fits(tree, {change("low", "nine", "9")}));
  EXPECT_FALSE(fits(tree, {{"low/0001-x.patch", "--- a/mm/b.c\n+++ b/mm/b.c\n@@ -1 +1 @@\n-a\n+b\n"}}));
  EXPECT_EQ(*read_file(tree / "mm/a.c"), before);
}

}  // namespace
}  // namespace hangar::kernel
