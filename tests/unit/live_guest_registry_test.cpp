// SPDX-License-Identifier: GPL-2.0-only
#include <chrono>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/live/guest_registry.h"

namespace hangar::live {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class GuestRegistryTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "registry");
    ASSERT_TRUE(made);
    scratch_.emplace(std::move(*made));
  }
  [[nodiscard]] GuestRegistry join(const std::string& id) const {
    auto joined = GuestRegistry::join(scratch_->path(), id);
    EXPECT_TRUE(joined) << joined.error().message;
    return std::move(*joined);
  }
  std::optional<TempDir> scratch_;
};

TEST_F(GuestRegistryTest, EachSeesTheOthersWhileTheyLive) {
  GuestRegistry first = join("a");
  EXPECT_THAT(first.others(), IsEmpty());
  {
    GuestRegistry second = join("b");
    second.publish(1234);
    first.publish(7);
    EXPECT_THAT(first.others(), ElementsAre(Pair("b", 1234u)));
    EXPECT_THAT(second.others(), ElementsAre(Pair("a", 7u)));
  }
  EXPECT_THAT(first.others(), IsEmpty());
}

TEST_F(GuestRegistryTest, WhatAKilledWorkerLeftDoesNotCount) {
  const GuestRegistry first = join("a");
  const fs::path left = scratch_->path() / "load/b";
  ASSERT_TRUE(write_file(left, "00000000000000001234\n"));
  EXPECT_THAT(first.others(), IsEmpty());
  EXPECT_TRUE(fs::exists(left)) << "it may be about to be locked";
  std::filesystem::last_write_time(left, fs::file_time_type::clock::now() - std::chrono::minutes(2));
  EXPECT_THAT(first.others(), IsEmpty());
  EXPECT_FALSE(fs::exists(left));
}

TEST_F(GuestRegistryTest, ARunIsRegisteredOnce) {
  const GuestRegistry first = join("a");
  EXPECT_FALSE(GuestRegistry::join(scratch_->path(), "a"));
  EXPECT_TRUE(fs::exists(scratch_->path() / "load/a")) << "the failed one took nothing away";
}

}  // namespace
}  // namespace hangar::live
