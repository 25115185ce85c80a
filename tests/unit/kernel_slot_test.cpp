// SPDX-License-Identifier: GPL-2.0-only
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/kernel/build/slot.h"

namespace hangar::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string change(const std::string& file, const std::string& from, const std::string& to) {
  return "--- a/" + file + "\n+++ b/" + file + "\n@@ -1 +1 @@\n-" + from + "\n+" + to + "\n";
}

// A source of three files and objects that name them, as kbuild leaves them.
class KernelSlot : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "slot-");
    ASSERT_TRUE(made);
    folder_ = std::make_unique<TempDir>(std::move(*made));
    for (const char* name : {"a.c", "b.c", "c.c"}) put("pristine/mm/" + std::string(name), "one\n");
    inputs_.tree = {root() / "pristine", "label", "digest", {6, 1, 0}, "lineage"};
  }
  // Times of files may be as coarse as a tick: these lie hours apart.
  static void age(const fs::path& file, std::chrono::hours by) {
    std::filesystem::last_write_time(file, fs::file_time_type::clock::now() - by);
  }
  void put(const std::string& name, const std::string& text, std::chrono::hours old = std::chrono::hours(2)) {
    ASSERT_TRUE(fs::create_directories((root() / name).parent_path()));
    ASSERT_TRUE(write_file(root() / name, text));
    age(root() / name, old);
  }
  Slot lay(const std::string& name, std::vector<PatchFile> patches, const Slot* base) {
    inputs_.patches = std::move(patches);
    Slot slot;
    slot.path = root() / name;
    EXPECT_TRUE(fs::create_directories(slot.path));
    const auto result = lay_out(slot, inputs_, base);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return slot;
  }
  // What a build would leave.
  void fill(const Slot& slot) {
    for (const char* name : {"a", "b", "c"}) {
      const std::string object = slot.path.filename().string() + "/src/obj/mm/" + name;
      put(object + ".o", "object", std::chrono::hours(1));
      age(slot.path / "src/mm" / (std::string(name) + ".c"), std::chrono::hours(2));
      put(slot.path.filename().string() + "/src/obj/mm/." + name + ".o.cmd",
          "deps := ../mm/" + std::string(name) + ".c\n");
    }
    put(slot.path.filename().string() + "/src/obj/tools/objtool/.x.o.cmd",
        "cmd := gcc " + slot.path.string() + "/src/obj/x\n");
  }
  // The objects that make would build again.
  std::vector<std::string> stale(const Slot& slot) const {
    std::vector<std::string> names;
    for (const char* name : {"a", "b", "c"}) {
      const auto object =
          std::filesystem::last_write_time(slot.path / "src/obj/mm" / (std::string(name) + ".o"));
      if (std::filesystem::last_write_time(slot.path / "src/mm" / (std::string(name) + ".c")) > object)
        names.emplace_back(name);
    }
    return names;
  }
  std::string text(const Slot& slot, const std::string& name) const {
    return *read_file(slot.path / "src/mm" / name);
  }
  const fs::path& root() const { return folder_->path(); }

  std::unique_ptr<TempDir> folder_;
  Inputs inputs_;
};

TEST_F(KernelSlot, AVariantRebuildsWhatItsPatchesTouch) {
  const Slot base = lay("base", {}, nullptr);
  fill(base);
  const Slot next = lay("next", {{"s/1", change("mm/b.c", "one", "two")}}, &base);
  EXPECT_EQ(text(next, "b.c"), "two\n");
  EXPECT_EQ(text(base, "b.c"), "one\n");
  EXPECT_EQ(*read_file(root() / "pristine/mm/b.c"), "one\n");
  EXPECT_THAT(stale(next), ElementsAre("b"));
  EXPECT_EQ(count_stale(next, base), 1u);
}

TEST_F(KernelSlot, TakingAPatchBackRebuildsToo) {
  const Slot base = lay(
      "base", {{"s/1", change("mm/b.c", "one", "two")}, {"s/2", change("mm/c.c", "one", "three")}}, nullptr);
  fill(base);
  const Slot next = lay("next", {{"s/2", change("mm/c.c", "one", "three")}}, &base);
  EXPECT_EQ(text(next, "b.c"), "one\n");
  EXPECT_EQ(text(next, "c.c"), "three\n");
  EXPECT_THAT(stale(next), ElementsAre("b"));
}

TEST_F(KernelSlot, AnotherStateOfTheSourceRebuildsWhatDiffers) {
  const Slot base = lay("base", {}, nullptr);
  fill(base);
  for (const char* name : {"a.c", "b.c"}) put("newer/mm/" + std::string(name), "one\n");
  put("newer/mm/c.c", "changed\n");
  inputs_.tree.path = root() / "newer";
  inputs_.tree.digest = "other";
  const Slot next = lay("next", {}, &base);
  EXPECT_THAT(stale(next), ElementsAre("c"));
}

TEST_F(KernelSlot, PathsOfObjtoolMoveAlong) {
  const Slot base = lay("base", {}, nullptr);
  fill(base);
  const Slot next = lay("next", {}, &base);
  EXPECT_EQ(*read_file(next.path / "src/obj/tools/objtool/.x.o.cmd"),
            "cmd := gcc " + next.path.string() + "/src/obj/x\n");
}

TEST_F(KernelSlot, AConflictNamesThePatchAndTheSource) {
  inputs_.patches = {{"s/1", change("mm/b.c", "one", "two")}, {"t/2", change("mm/b.c", "one", "three")}};
  Slot slot;
  slot.path = root() / "next";
  ASSERT_TRUE(fs::create_directories(slot.path));
  const auto result = lay_out(slot, inputs_, nullptr);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("on label: the patch series t (its 2) conflicts with s"));
}

TEST_F(KernelSlot, WhatIsWrittenIsListedAndTheUnfinishedIsNot) {
  const Slot slot = lay("group/abc", {{"s/1", change("mm/b.c", "one", "two")}}, nullptr);
  put("group/new-x/slot.json", *read_file(root() / "pristine/mm/a.c"));
  put("group/broken/slot.json", "{");
  ASSERT_TRUE(write_slot(slot));
  const auto slots = list_slots(root() / "group");
  ASSERT_EQ(slots.size(), 1u);
  EXPECT_EQ(slots[0].built_at, slot.path);
  EXPECT_EQ(slots[0].patches, slot.patches);
  EXPECT_THAT(slots[0].touched, ElementsAre("mm/b.c"));
}

TEST(KernelSlotChoice, TheNearestSharesMost) {
  const std::vector<Named> ab = {{"a", "1"}, {"b", "2"}};
  const std::vector<Named> abc = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
  const std::vector<Named> ac = {{"a", "1"}, {"c", "3"}};
  EXPECT_EQ(patch_distance(ab, abc), 1u);
  EXPECT_EQ(patch_distance(abc, ac), 3u);
  EXPECT_EQ(patch_distance({}, {}), 0u);
  Inputs inputs;
  inputs.tree.digest = "now";
  inputs.patches = {{"a", "1"}, {"b", "2"}};
  std::vector<Slot> slots(3);
  EXPECT_EQ(nearest_slot({}, inputs), nullptr);
  const auto wanted = inputs.patch_digests();
  slots[0].source = "now";
  slots[1].source = "now";
  slots[1].patches = {wanted[0]};
  slots[2].source = "before";
  slots[2].patches = wanted;
  EXPECT_EQ(nearest_slot(slots, inputs), &slots[1]);
}

}  // namespace
}  // namespace hangar::kernel
