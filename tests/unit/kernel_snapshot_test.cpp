// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/kernel/source/snapshot.h"

namespace hangar::kernel {
namespace {

using testing::HasSubstr;

class KernelSnapshot : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "snapshot-");
    ASSERT_TRUE(made);
    folder_ = std::make_unique<TempDir>(std::move(*made));
    put("Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 7\n");
    put("Kconfig", "");
    put("mm/a.c", "a");
    put("mm/b.c", "b");
    put("mm/a.o", "product");
    put(".gitignore", "*.o\n");
    std::filesystem::create_symlink("a.c", tree() / "mm/link.c");
    if (!GetParam()) return;
    ASSERT_TRUE(run_checked({{"git", "init", "-q"}, tree()}));
    ASSERT_TRUE(run_checked({{"git", "add", "Makefile", "Kconfig", "mm/a.c"}, tree()}));
  }
  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(fs::create_directories((tree() / name).parent_path()));
    ASSERT_TRUE(write_file(tree() / name, text));
  }
  Tree take() {
    auto taken = take_snapshot(folder_->path() / "cache", tree(), {});
    EXPECT_TRUE(taken) << (taken ? "" : taken.error().message);
    return taken ? *taken : Tree();
  }
  fs::path tree() const { return folder_->path() / "tree"; }
  std::unique_ptr<TempDir> folder_;
};

TEST_P(KernelSnapshot, HoldsWhatIsThereAndNoProducts) {
  const Tree taken = take();
  EXPECT_EQ(taken.version, (Version{6, 1, 7}));
  EXPECT_EQ(*read_file(taken.path / "mm/b.c"), "b");
  EXPECT_TRUE(fs::is_symlink(taken.path / "mm/link.c"));
  EXPECT_FALSE(fs::exists(taken.path / "mm/a.o"));
  EXPECT_FALSE(fs::exists(taken.path / ".git"));
}

TEST_P(KernelSnapshot, FollowsTheTreeAndSharesWhatStayed) {
  const Tree first = take();
  const auto known = known_snapshot(folder_->path() / "cache", tree());
  ASSERT_TRUE(known && *known);
  EXPECT_EQ((*known)->digest, first.digest);
  put("mm/a.c", "A");
  put("mm/new.c", "n");
  std::filesystem::remove(tree() / "mm/b.c");
  const auto unknown = known_snapshot(folder_->path() / "cache", tree());
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(*unknown);
  const Tree second = take();
  EXPECT_NE(second.digest, first.digest);
  EXPECT_EQ(*read_file(second.path / "mm/a.c"), "A");
  EXPECT_EQ(*read_file(first.path / "mm/a.c"), "a");
  EXPECT_TRUE(fs::exists(second.path / "mm/new.c"));
  EXPECT_FALSE(fs::exists(second.path / "mm/b.c"));
  EXPECT_TRUE(fs::equivalent(first.path / "Makefile", second.path / "Makefile"));
  EXPECT_FALSE(fs::equivalent(tree() / "Makefile", second.path / "Makefile"));
}

TEST_P(KernelSnapshot, SharesEqualFilesWithAnotherSourceOfItsVersion) {
  const fs::path other = folder_->path() / "cache/sources/0123456789abcdef";
  ASSERT_TRUE(fs::create_directories(other / "mm"));
  ASSERT_TRUE(write_file(other / "Makefile", *read_file(tree() / "Makefile")));
  ASSERT_TRUE(write_file(other / "mm/a.c", "a"));
  ASSERT_TRUE(write_file(other / "mm/b.c", "B"));
  const Tree taken = take();
  EXPECT_TRUE(fs::equivalent(taken.path / "mm/a.c", other / "mm/a.c"));
  EXPECT_EQ(*read_file(taken.path / "mm/b.c"), "b");
}

TEST_P(KernelSnapshot, RefusesWhatIsNoKernel) {
  std::filesystem::remove(tree() / "Kconfig");
  const auto taken = take_snapshot(folder_->path() / "cache", tree(), {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().fault, Fault::user);
  EXPECT_THAT(taken.error().message, HasSubstr("not a kernel source tree"));
}

INSTANTIATE_TEST_SUITE_P(Trees, KernelSnapshot, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "git" : "plain"; });

}  // namespace
}  // namespace hangar::kernel
