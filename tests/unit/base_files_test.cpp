// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"

namespace hangar {
namespace {

TEST(Files, TempDirGoesUnlessCommitted) {
  fs::path gone;
  const auto parent = TempDir::make(testing::TempDir(), "t");
  ASSERT_TRUE(parent);
  const auto kept = parent->path() / "kept";
  {
    auto first = TempDir::make(testing::TempDir(), "t");
    auto second = TempDir::make(testing::TempDir(), "t");
    ASSERT_TRUE(first && second);
    gone = first->path();
    ASSERT_TRUE(write_file(second->path() / "f", "x"));
    ASSERT_TRUE(second->commit(kept));
  }
  EXPECT_FALSE(fs::exists(gone));
  EXPECT_EQ(*read_file(kept / "f"), "x");
}

TEST(Files, LockExcludesASecondHolder) {
  auto directory = TempDir::make(testing::TempDir(), "t");
  const auto path = directory->path() / "lock";
  {
    auto held = FileLock::acquire(path);
    ASSERT_TRUE(held);
    auto other = FileLock::try_acquire(path);
    ASSERT_TRUE(other);
    EXPECT_FALSE(other->has_value());
  }
  EXPECT_TRUE(FileLock::try_acquire(path)->has_value());
}

TEST(Files, MissingFileIsTheUsersFault) {
  EXPECT_EQ(read_file("/no/such/file").error().fault, Fault::user);
}

TEST(Digest, IsTheStandardOneAndKeepsPartsApart) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_NE(Digest().add("a", "xy").add("b", "").hex(), Digest().add("a", "x").add("b", "y").hex());
}

}  // namespace
}  // namespace hangar
