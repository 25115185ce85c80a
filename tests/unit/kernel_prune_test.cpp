// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/folder_lock.h"
#include "harness/cache/prune.h"
#include "harness/kernel/build/shelves.h"
#include "harness/kernel/build/verify.h"

namespace hangar::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t mib = 1 << 20;

// A cache of two kernels and their source; `days` is how long ago each was used.
class KernelPrune : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "prune-");
    ASSERT_TRUE(made);
    folder_ = std::make_unique<TempDir>(std::move(*made));
    fill("sources/5555555555555555", 4, 1);
    add_kernel("old", 9);
    add_kernel("young", 2);
  }
  void add_kernel(const std::string& name, int days) {
    const std::string manifest = R"({"release":"6.1","config":[{"name":"base","sha256":""}],"patches":[],)"
                                 R"("source":{"sha256":"55555555555555556666"}})";
    ASSERT_TRUE(fs::create_directories(cache() / "kernels" / name));
    ASSERT_TRUE(write_file(cache() / "kernels" / name / "manifest.json", manifest));
    fill("kernels/" + name, 2, days);
  }
  void fill(const std::string& name, size_t size_mib, int days) {
    ASSERT_TRUE(fs::create_directories(cache() / name));
    ASSERT_TRUE(write_file(cache() / name / "content", std::string(size_mib * mib, 'x')));
    const timespec then{::time(nullptr) - days * 86400L, 0};
    const timespec times[2] = {then, then};
    ASSERT_EQ(::utimensat(AT_FDCWD, (cache() / name).c_str(), times, 0), 0);
  }
  fs::path cache() const { return folder_->path(); }
  cache::Shelves shelves() const {
    cache::Shelves all(cache());
    add_shelves(all);
    return all;
  }
  std::vector<std::string> prune_to(std::uint64_t bytes) const {
    const auto pruned = cache::prune_cache(shelves(), bytes);
    EXPECT_TRUE(pruned);
    std::vector<std::string> names;
    for (const cache::Entry& entry : pruned->removed) {
      names.push_back(entry.path.filename().string());
      EXPECT_FALSE(fs::exists(entry.path));
    }
    return names;
  }

  std::unique_ptr<TempDir> folder_;
};

TEST_F(KernelPrune, TheLeastRecentlyUsedGoesFirst) {
  EXPECT_THAT(prune_to(100 * mib), ElementsAre());
  EXPECT_THAT(prune_to(7 * mib), ElementsAre("old"));
  cache::touch(this->cache() / "kernels/young");
  EXPECT_THAT(prune_to(0), ElementsAre("young", "5555555555555555"));
}

TEST_F(KernelPrune, ASourceStaysWhileSomethingBuiltFromItDoes) {
  const auto lock = FolderLock::share(cache() / "kernels/young");
  ASSERT_TRUE(lock);
  EXPECT_THAT(prune_to(0), ElementsAre("old"));
  EXPECT_TRUE(fs::exists(cache() / "sources/5555555555555555"));
}

TEST_F(KernelPrune, WhatIsUsedStays) {
  const auto lock = FolderLock::share(cache() / "kernels/old");
  const auto second = FolderLock::share(cache() / "kernels/old");
  ASSERT_TRUE(lock);
  ASSERT_TRUE(second);
  EXPECT_THAT(prune_to(7 * mib), ElementsAre("young"));
  const auto entries = *shelves().inventory();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[1].path.filename(), "old");
  EXPECT_TRUE(entries[1].in_use);
  EXPECT_FALSE(entries[0].prunable);
}

TEST_F(KernelPrune, SharedFilesAreCountedOnce) {
  const auto before = cache::total_bytes(*shelves().inventory());
  std::filesystem::create_hard_link(cache() / "sources/5555555555555555/content",
                                    cache() / "kernels/young/link");
  EXPECT_LT(cache::total_bytes(*shelves().inventory()), before + mib);
  EXPECT_GE(before, 8 * mib);
}

TEST_F(KernelPrune, TheLimitIsRemembered) {
  EXPECT_LE(cache::limit(this->cache(), 0), 40ull << 30);
  ASSERT_TRUE(cache::set_limit(this->cache(), 7 * mib));
  EXPECT_EQ(cache::limit(this->cache(), 0), 7 * mib);
  std::vector<std::string> notes;
  cache::keep_to_limit(shelves(), [&](const std::string& note) { notes.push_back(note); });
  EXPECT_THAT(notes, ElementsAre(HasSubstr("removed the entry least recently used, 2 MiB")));
  cache::keep_to_limit(shelves(), [&](const std::string& note) { notes.push_back(note); });
  EXPECT_EQ(notes.size(), 1u);
}

TEST_F(KernelPrune, RemainsOfAnInterruptedPruningGo) {
  fill(".trash/entry-x", 1, 1);
  EXPECT_THAT(prune_to(100 * mib), IsEmpty());
  EXPECT_FALSE(fs::exists(cache() / ".trash/entry-x"));
}

TEST_F(KernelPrune, AChangedSourceIsFound) {
  const fs::path tree = cache() / "sources/5555555555555555";
  ASSERT_TRUE(seal_source(tree));
  EXPECT_EQ(damage_of_source(tree), "");
  std::filesystem::create_hard_link(tree / "content", cache() / "link");
  EXPECT_EQ(damage_of_source(tree), "") << "an object tree links it";
  std::filesystem::resize_file(tree / "content", 100);
  EXPECT_THAT(damage_of_source(tree), HasSubstr("changed"));
}

TEST(BaseFolderLock, AClaimWaitsForNobodyAndNobodySharesWhatIsGone) {
  const auto made = TempDir::make(testing::TempDir(), "lock-");
  ASSERT_TRUE(made);
  {
    const auto shared = FolderLock::share(made->path());
    EXPECT_TRUE(shared);
    EXPECT_FALSE(FolderLock::claim(made->path()));
  }
  EXPECT_TRUE(FolderLock::claim(made->path()));
  EXPECT_FALSE(FolderLock::share(made->path() / "gone"));
}

}  // namespace
}  // namespace hangar::kernel
