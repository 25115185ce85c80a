// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/image/copy.h"

namespace hangar::image {
namespace {

class Copy : public testing::Test {
 protected:
  [[nodiscard]] fs::path at(const char* name) const { return folder_.path() / name; }
  TempDir folder_ = *TempDir::make(testing::TempDir(), "copy");
};

TEST_F(Copy, KeepsContentAndHoles) {
  ASSERT_TRUE(write_file(at("from"), "head"));
  std::filesystem::resize_file(at("from"), 64 << 20);
  ASSERT_TRUE(copy_sparse(at("from"), at("to")));
  EXPECT_EQ(*read_file(at("to")), *read_file(at("from")));
  struct stat info = {};
  ASSERT_EQ(::stat(at("to").c_str(), &info), 0);
  EXPECT_LT(info.st_blocks * 512, 1 << 20);
  EXPECT_EQ(info.st_mode & 07777, 0600U) << "a run's disk is its own";
}

TEST_F(Copy, CrossesFileSystems) {
  if (!fs::exists("/dev/shm")) GTEST_SKIP() << "needs a second file system";
  const TempDir other = *TempDir::make("/dev/shm", "copy");
  ASSERT_TRUE(write_file(at("from"), std::string(300000, 'x')));
  ASSERT_TRUE(copy_sparse(at("from"), other.path() / "to"));
  EXPECT_EQ(*read_file(other.path() / "to"), *read_file(at("from")));
}

TEST_F(Copy, NeverOverwrites) {
  ASSERT_TRUE(write_file(at("from"), "new") && write_file(at("to"), "old"));
  EXPECT_FALSE(copy_sparse(at("from"), at("to")));
  EXPECT_EQ(*read_file(at("to")), "old");
}

TEST_F(Copy, EmptyAndMissing) {
  ASSERT_TRUE(write_file(at("from"), ""));
  EXPECT_TRUE(copy_sparse(at("from"), at("to")));
  EXPECT_FALSE(copy_sparse(at("missing"), at("other")));
  EXPECT_FALSE(fs::exists(at("other")));
}

}  // namespace
}  // namespace hangar::image
