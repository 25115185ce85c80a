// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kernel/config/config_diff.h"

namespace hangar::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kconfig_text =
    "menu \"Memory Management options\"\n"
    "choice\n\tprompt \"Choose SLAB allocator\"\n\tdefault SLUB\n"
    "config SLAB\n\tbool \"SLAB\"\n"
    "config SLUB\n\tbool \"SLUB (Unqueued Allocator)\"\n"
    "endchoice\n"
    "config SWAP\n\tbool \"Support for paging of anonymous memory (swap)\"\n"
    "endmenu\n"
    "config LOG_BUF_SHIFT\n\tint \"Kernel log buffer size\" if PRINTK\n"
    "config HAVE_THING\n\tdef_bool y\n"
    "config DEBUG_VM\n\tbool \"Debug VM\"\n";

ConfigSide side(Config config, const char* text = kconfig_text) {
  ConfigSide side;
  side.config = std::move(config);
  if (text != nullptr) {
    side.kconfig = read_kconfig([=](const std::string& path) -> std::optional<std::string> {
      if (path != "Kconfig") return std::nullopt;
      return text;
    });
  }
  return side;
}

TEST(KernelConfigDiff, SaysAChoiceOnce) {
  const auto diff = diff_configs(side({{"SLUB", "y"}, {"SLAB", "n"}}), side({{"SLAB", "y"}}));
  ASSERT_EQ(diff.asked.size(), 1u);
  const ConfigChange& change = diff.asked[0];
  EXPECT_EQ(change.symbol, "");
  EXPECT_EQ(change.prompt, "Choose SLAB allocator");
  EXPECT_THAT(change.menu, ElementsAre("Memory Management options"));
  EXPECT_EQ(change.a, "SLUB");
  EXPECT_EQ(change.b, "SLAB");
}

TEST(KernelConfigDiff, KeepsQuestionsApartFromWhatFollows) {
  const auto diff = diff_configs(side({{"SWAP", "y"}, {"HAVE_THING", "y"}, {"LOG_BUF_SHIFT", "19"}}),
                                 side({{"SWAP", "n"}, {"LOG_BUF_SHIFT", "17"}}));
  ASSERT_EQ(diff.asked.size(), 2u);
  EXPECT_EQ(diff.asked[0].symbol, "LOG_BUF_SHIFT");
  EXPECT_EQ(diff.asked[0].a, "19");
  EXPECT_EQ(diff.asked[0].prompt, "Kernel log buffer size");
  EXPECT_THAT(diff.asked[0].menu, IsEmpty());
  EXPECT_EQ(diff.asked[1].symbol, "SWAP");
  EXPECT_EQ(diff.asked[1].b, "n");
  ASSERT_EQ(diff.derived.size(), 1u);
  EXPECT_EQ(diff.derived[0].symbol, "HAVE_THING");
}

TEST(KernelConfigDiff, OffAndNotAskedAreTheSame) {
  const auto diff = diff_configs(side({{"SWAP", "n"}}), side({}));
  EXPECT_THAT(diff.asked, IsEmpty());
  EXPECT_THAT(diff.derived, IsEmpty());
}

TEST(KernelConfigDiff, ASymbolOfOneVersionOnlyHasNoValueInTheOther) {
  const char* older = "config SWAP\n\tbool \"Swap\"\n";
  const auto diff = diff_configs(side({{"SWAP", "y"}}, older), side({{"SWAP", "y"}, {"DEBUG_VM", "y"}}));
  ASSERT_EQ(diff.asked.size(), 1u);
  EXPECT_EQ(diff.asked[0].a, std::nullopt);
  EXPECT_EQ(diff.asked[0].b, "y");
  EXPECT_EQ(diff.asked[0].prompt, "Debug VM");
}

TEST(KernelConfigDiff, WorksWithoutAnySource) {
  const auto diff = diff_configs(side({{"SLUB", "y"}}, nullptr), side({{"SLAB", "y"}}, nullptr));
  ASSERT_EQ(diff.asked.size(), 2u);
  EXPECT_EQ(diff.asked[0].symbol, "SLAB");
  EXPECT_EQ(diff.asked[0].a, "n");
  EXPECT_EQ(diff.asked[0].prompt, "");
}

}  // namespace
}  // namespace hangar::kernel
