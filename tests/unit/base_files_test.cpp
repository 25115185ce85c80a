// SPDX-License-Identifier: GPL-2.0-only
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/folder_lock.h"

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

// Two threads of one process used to share the name of the temporary file.
TEST(Files, ThreadsThatWriteOneFileLeaveOneOfTheirTextsWhole) {
  const auto directory = TempDir::make(testing::TempDir(), "t");
  const fs::path path = directory->path() / "f";
  std::atomic<int> failures{0};
  const auto write = [&](char letter) {
    const std::string text(100000, letter);
    for (int i = 0; i < 50; ++i) failures += write_file(path, text) ? 0 : 1;
  };
  std::thread other([&] { write('a'); });
  write('b');
  other.join();
  EXPECT_EQ(failures, 0);
  const std::string text = *read_file(path);
  EXPECT_EQ(text, std::string(100000, text[0]));
}

TEST(Files, FailedWriteLeavesNothingBehind) {
  const auto directory = TempDir::make(testing::TempDir(), "t");
  std::filesystem::create_directories(directory->path() / "taken" / "inside");
  EXPECT_FALSE(write_file(directory->path() / "taken", "x"));
  EXPECT_FALSE(write_file_durably(directory->path() / "taken", "x"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory->path()),
                          std::filesystem::directory_iterator()),
            1);
  ASSERT_TRUE(write_file_durably(directory->path() / "f", "x"));
  EXPECT_EQ(*read_file(directory->path() / "f"), "x");
}

TEST(FolderLock, SharingWaitsNoLongerThanItsDeadline) {
  const auto directory = TempDir::make(testing::TempDir(), "t");
  auto claimed = FolderLock::claim(directory->path());
  ASSERT_TRUE(claimed);
  EXPECT_FALSE(FolderLock::share(directory->path(), std::chrono::milliseconds(50)));
  EXPECT_FALSE(FolderLock::claim_waiting(directory->path(), std::chrono::milliseconds(50)));
  claimed.reset();
  EXPECT_TRUE(FolderLock::share(directory->path()));
  EXPECT_TRUE(FolderLock::claim_waiting(directory->path()));
}

// A device without end, and a file that is only its size.
TEST(Files, AFileAboveTheLimitIsTheUsersFault) {
  const auto directory = TempDir::make(testing::TempDir(), "t");
  const fs::path large = directory->path() / "large";
  ASSERT_TRUE(write_file(large, ""));
  std::filesystem::resize_file(large, max_file_bytes + 1);
  for (const fs::path& path : {fs::path("/dev/zero"), large}) {
    const auto text = read_file(path);
    ASSERT_FALSE(text) << path;
    EXPECT_EQ(text.error().fault, Fault::user);
    EXPECT_EQ(text.error().message,
              "cannot read " + path.string() + ": it is larger than 256 MiB, the limit for this file");
  }
  ASSERT_TRUE(write_file(large, std::string(1 << 20, 'x')));
  EXPECT_TRUE(read_file(large, 1 << 20));
  EXPECT_FALSE(read_file(large, (1 << 20) - 1));
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
