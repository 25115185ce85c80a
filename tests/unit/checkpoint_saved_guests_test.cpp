// SPDX-License-Identifier: GPL-2.0-only
#include <atomic>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/checkpoint/saved_guests.h"

namespace hangar::checkpoint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

run::Bundle bundle_of(const std::string& kernel) {
  run::Bundle bundle;
  bundle.kernel = kernel;
  bundle.kernel_key = "key of " + kernel;
  bundle.accel = Accel::tcg;
  bundle.memory_bytes = 1 << 28;
  return bundle;
}

// A worker that writes files where a guest would be booted and saved.
class SavedGuestsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "saved");
    ASSERT_TRUE(made);
    cache_.emplace(std::move(*made));
  }
  [[nodiscard]] SavedGuestHooks hooks() {
    return {[this] { return Result<std::string>(qemu_); },
            [this](const run::Bundle& bundle, const fs::path& folder) { return save(bundle, folder); },
            [this](const std::string& line) { notes_.push_back(line); }};
  }
  Result<void> save(const run::Bundle& bundle, const fs::path& folder) {
    const int number = ++saves_;
    if (broken_) return infra_error("it does not boot");
    EXPECT_TRUE(bundle.placement.save);
    EXPECT_TRUE(fs::exists(folder / "bundle.json"));
    SavedGuest guest{folder, "hangar-" + bundle.id, fmt::format("uuid {}", number), "hello", "", ""};
    TRY(write_file(guest.memory(), "memory"));
    TRY(write_file(guest.disk(), "disk"));
    guest.memory_digest = *digest_data(guest.memory());
    guest.disk_digest = *digest_data(guest.disk());
    return write_saved_guest(guest);
  }
  [[nodiscard]] std::vector<std::string> folders() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(cache_->path() / "saved")) {
      if (entry.is_directory()) names.push_back(entry.path().filename());
    }
    return names;
  }

  std::optional<TempDir> cache_;
  std::string qemu_ = "QEMU 7.2";
  std::atomic<int> saves_ = 0;
  bool broken_ = false;
  std::vector<std::string> notes_;
};

TEST_F(SavedGuestsTest, IsMadeOnceAndFoundByTheNextExperiment) {
  SavedGuests first(cache_->path(), hooks());
  const auto guest = first.get(bundle_of("a"));
  ASSERT_TRUE(guest) << guest.error().message;
  EXPECT_EQ(guest->hello, "hello");
  EXPECT_TRUE(first.get(bundle_of("a")));
  SavedGuests second(cache_->path(), hooks());
  EXPECT_EQ(second.get(bundle_of("a"))->uuid, guest->uuid);
  EXPECT_EQ(saves_, 1);
  EXPECT_TRUE(second.get(bundle_of("b")));
  EXPECT_EQ(saves_, 2);
}

TEST_F(SavedGuestsTest, NumbersAreGuestsOfTheirOwn) {
  SavedGuests guests(cache_->path(), hooks());
  run::Bundle bundle = bundle_of("a");
  const auto first = guests.get(bundle);
  bundle.guest_number = 1;
  const auto second = guests.get(bundle);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->uuid, second->uuid);
  bundle.guest_number = 0;
  EXPECT_EQ(guests.get(bundle)->uuid, first->uuid);
  EXPECT_EQ(saves_, 2);
}

TEST_F(SavedGuestsTest, ManyThreadsShareOneSave) {
  SavedGuests guests(cache_->path(), hooks());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_TRUE(guests.get(bundle_of("a"))); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(saves_, 1);
}

TEST_F(SavedGuestsTest, DamagedOneIsDiscardedAndMadeAgain) {
  const auto guest = SavedGuests(cache_->path(), hooks()).get(bundle_of("a"));
  ASSERT_TRUE(guest);
  ASSERT_TRUE(write_file(guest->memory(), "menory"));
  const auto again = SavedGuests(cache_->path(), hooks()).get(bundle_of("a"));
  ASSERT_TRUE(again);
  EXPECT_NE(again->uuid, guest->uuid);
  EXPECT_EQ(*read_file(again->memory()), "memory");
  EXPECT_THAT(notes_, testing::Contains(HasSubstr("guest.save is damaged")));
}

TEST_F(SavedGuestsTest, OneThatDoesNotRestoreIsReplacedOnceByWhoeverComesFirst) {
  SavedGuests guests(cache_->path(), hooks());
  const auto guest = guests.get(bundle_of("a"));
  ASSERT_TRUE(guest);
  guests.discard(*guest, "QEMU said no");
  guests.discard(*guest, "QEMU said no");
  const auto again = guests.get(bundle_of("a"));
  ASSERT_TRUE(again);
  guests.discard(*guest, "a late one");
  EXPECT_EQ(guests.get(bundle_of("a"))->uuid, again->uuid);
  EXPECT_EQ(saves_, 2);
}

TEST_F(SavedGuestsTest, GuestThatCannotBeSavedIsTriedOnce) {
  broken_ = true;
  SavedGuests guests(cache_->path(), hooks());
  EXPECT_FALSE(guests.get(bundle_of("a")));
  EXPECT_FALSE(guests.get(bundle_of("a")));
  EXPECT_EQ(saves_, 1);
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("its repeats will cold-boot: it does not boot")));
  EXPECT_THAT(folders(), IsEmpty());
}

TEST_F(SavedGuestsTest, WhatAKilledHangarLeftHalfMadeIsRemoved) {
  ASSERT_TRUE(fs::create_directories(cache_->path() / "saved/0123.new"));
  const SavedGuests guests(cache_->path(), hooks());
  EXPECT_THAT(folders(), IsEmpty());
}

TEST_F(SavedGuestsTest, UnusedOnesDoNotPileUp) {
  SavedGuests guests(cache_->path(), hooks());
  for (int i = 0; i < 80; ++i) ASSERT_TRUE(guests.get(bundle_of(std::to_string(i))));
  EXPECT_LE(folders().size(), 64u);
  const int before = saves_;
  EXPECT_TRUE(guests.get(bundle_of("79")));
  EXPECT_EQ(saves_, before) << "the latest one stays";
}

// Its devices differ from those that are defined now: QEMU would refuse it.
TEST_F(SavedGuestsTest, GuestOfAnOlderFormatIsNotUsed) {
  const auto guest = SavedGuests(cache_->path(), hooks()).get(bundle_of("a"));
  ASSERT_TRUE(guest);
  const fs::path description = guest->folder / "saved.json";
  std::string text = *read_file(description);
  const std::string now = "hangar.saved-guest/2";
  ASSERT_NE(text.find(now), std::string::npos) << text;
  ASSERT_TRUE(write_file(description, text.replace(text.find(now), now.size(), "hangar.saved-guest/1")));
  EXPECT_FALSE(read_saved_guest(guest->folder));
  EXPECT_NE(SavedGuests(cache_->path(), hooks()).get(bundle_of("a"))->uuid, guest->uuid);
}

TEST(SavedGuestKey, EverythingThatBootingDependsOnCounts) {
  const run::Bundle base = bundle_of("a");
  const std::string key = saved_guest_key(base, "QEMU 7.2");
  EXPECT_EQ(key, saved_guest_key(base, "QEMU 7.2"));
  EXPECT_NE(key, saved_guest_key(base, "QEMU 7.3"));
  run::Bundle other = base;
  other.cmdline = "quiet";
  EXPECT_NE(key, saved_guest_key(other, "QEMU 7.2"));
  other = base;
  other.cpus = 4;
  EXPECT_NE(key, saved_guest_key(other, "QEMU 7.2"));
  other = base;
  other.disk_iops = 50;
  EXPECT_NE(key, saved_guest_key(other, "QEMU 7.2"));
  other = base;
  other.disk_digest = "x";
  EXPECT_NE(key, saved_guest_key(other, "QEMU 7.2"));
  other = base;
  other.placement.clock = "tsc_early_khz=2595000";
  EXPECT_EQ(key, saved_guest_key(other, "QEMU 7.2")) << "measured anew by each hangar";
  other = base;
  other.argv = {"another", "reproducer"};
  other.seed = 5;
  EXPECT_EQ(key, saved_guest_key(other, "QEMU 7.2")) << "the reproducer starts after the restore";
}

}  // namespace
}  // namespace hangar::checkpoint
