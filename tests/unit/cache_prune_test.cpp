// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/cache/measure.h"
#include "harness/cache/prune.h"

namespace hangar::cache {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Entry entry_of(const std::string& name, std::uint64_t bytes, int days) {
  Entry entry;
  entry.kind = "thing";
  entry.path = "/cache/things/" + name;
  entry.bytes = bytes;
  entry.last_used = std::chrono::system_clock::now() - std::chrono::hours(24 * days);
  return entry;
}

std::vector<std::string> pruned(const std::vector<Entry>& all, const Limits& limits,
                                const std::string& refused = "") {
  std::vector<std::string> names;
  const auto done = prune(all, limits, [&](const Entry& entry) -> Result<bool> {
    if (entry.path.filename() == refused) return false;
    names.push_back(entry.path.filename());
    return true;
  });
  EXPECT_TRUE(done);
  std::uint64_t left = done->before;
  for (const Entry& entry : done->removed) left -= entry.bytes;
  EXPECT_EQ(done->after, left);
  return names;
}

TEST(Prune, TheOldestGoUntilTheRestFits) {
  const std::vector<Entry> all = {entry_of("a", 5, 1), entry_of("b", 5, 3), entry_of("c", 5, 2)};
  EXPECT_THAT(pruned(all, {15, {}}), IsEmpty());
  EXPECT_THAT(pruned(all, {14, {}}), ElementsAre("b"));
  EXPECT_THAT(pruned(all, {5, {}}), ElementsAre("b", "c"));
  EXPECT_THAT(pruned(all, {5, {}}, "b"), ElementsAre("c", "a")) << "b is in use";
  EXPECT_THAT(pruned(all, {{}, std::chrono::hours(60)}), ElementsAre("b"));
  EXPECT_THAT(pruned(all, {}), IsEmpty());
}

TEST(Prune, WhatIsNeededStaysUntilTheLastThatNeedsItIsGone) {
  std::vector<Entry> all = {entry_of("source", 5, 9), entry_of("a", 5, 3), entry_of("b", 5, 2)};
  all[0].prunable = false;
  all[1].needs = all[2].needs = "source";
  EXPECT_THAT(pruned(all, {0, {}}), ElementsAre("a", "b", "source"));
  EXPECT_THAT(pruned(all, {5, {}}, "b"), ElementsAre("a"));
}

// Entries are the folders of `things`.
class Things : public Shelf {
 public:
  Things() : Shelf("thing", "things") {}
  Result<std::vector<Entry>> entries(const fs::path& cache) const override {
    TRY_ASSIGN(const auto folders, finished_below(cache / folder()));
    std::vector<Entry> all;
    for (const auto& path : folders) all.push_back(entry_at(kind(), path));
    return all;
  }
  std::string damage_of(const Entry&) const override { return "worn"; }
};

TEST(Shelves, WhatIsOnNoShelfIsListedLastAndNeverRemoved) {
  const auto root = TempDir::make(testing::TempDir(), "shelves");
  ASSERT_TRUE(root);
  for (const char* name : {"things/a", "things/.new-b", "programs"})
    ASSERT_TRUE(fs::create_directories(root->path() / name));
  Shelves shelves(root->path());
  shelves.add(std::make_unique<Things>());
  const auto all = shelves.inventory();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U) << "not what a process is making";
  EXPECT_EQ(all->front().path, root->path() / "things/a");
  EXPECT_EQ(all->back().kind, "other");
  EXPECT_FALSE(all->back().prunable);
  EXPECT_EQ(shelves.damage_of(all->front()), "worn");
  EXPECT_EQ(shelves.damage_of(all->back()), "");
  EXPECT_FALSE(shelves.remove(all->back()));
  EXPECT_TRUE(shelves.remove(all->front()));
  EXPECT_FALSE(fs::exists(all->front().path));
  EXPECT_FALSE(shelves.remove(all->front())) << "it is not there any more";
}

TEST(Ruler, AFileWithTwoLinksCountsForTheFirst) {
  const auto root = TempDir::make(testing::TempDir(), "ruler");
  ASSERT_TRUE(root);
  ASSERT_TRUE(fs::create_directories(root->path() / "a"));
  ASSERT_TRUE(fs::create_directories(root->path() / "b"));
  ASSERT_TRUE(write_file(root->path() / "a/file", std::string(1 << 20, 'x')));
  std::filesystem::create_hard_link(root->path() / "a/file", root->path() / "b/link");
  Ruler ruler;
  EXPECT_GE(ruler.measure(root->path() / "a").bytes, 1U << 20);
  EXPECT_LT(ruler.measure(root->path() / "b").bytes, 1U << 20);
}

}  // namespace
}  // namespace hangar::cache
