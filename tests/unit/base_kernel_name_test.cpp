// SPDX-License-Identifier: GPL-2.0-only
#include <set>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/kernel_name.h"
#include "tests/places.h"

namespace hangar {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(KernelName, IsSplitAtEachPlus) {
  EXPECT_EQ(split_kernel_name("v6.1").base, "v6.1");
  EXPECT_THAT(split_kernel_name("v6.1").parts, IsEmpty());
  EXPECT_EQ(split_kernel_name("v6.1+kcore+slab").base, "v6.1");
  EXPECT_THAT(split_kernel_name("v6.1+kcore+slab").parts, ElementsAre("kcore", "slab"));
  EXPECT_THAT(split_kernel_name("v6.1+").parts, ElementsAre(""));
  EXPECT_THAT(split_kernel_name("v6.1+../series/mine").parts, ElementsAre("../series/mine"));
  EXPECT_EQ(split_kernel_name("+memcg").base, "");
}

TEST(KernelName, APathMayHaveAPlus) {
  auto made = TempDir::make(testing::TempDir(), "g++-");
  ASSERT_TRUE(made);
  const std::string tree = (made->path() / "linux").string();
  ASSERT_TRUE(fs::create_directories(tree));
  EXPECT_EQ(split_kernel_name(tree).base, tree);
  EXPECT_THAT(split_kernel_name(tree).parts, IsEmpty());
  EXPECT_EQ(split_kernel_name(tree + "+memcg+swap").base, tree);
  EXPECT_THAT(split_kernel_name(tree + "+memcg+swap").parts, ElementsAre("memcg", "swap"));
  EXPECT_EQ(split_kernel_name("./none+memcg").base, "./none") << "the error then names what is missing";
}

TEST(KernelName, OldNamesAreThoseOfToday) {
  EXPECT_EQ(current_kernel_name("v6.1-memcg"), "v6.1+memcg");
  EXPECT_EQ(current_kernel_name("v6.1-slab"), "v6.1+kcore+slab");
  EXPECT_EQ(current_kernel_name("v6.1-oom-2015-swap+memcg"), "v6.1-oom-2015+swap+memcg");
  for (const char* name : {"v6.1", "v6.1+memcg", "v6.1-oom-2015", "./v6.1-memcg", "", "+", "v6.1-memcgs"})
    EXPECT_EQ(current_kernel_name(name), name);
}

TEST(KernelName, ShorterNamesLongestFirst) {
  EXPECT_THAT(shorter_kernel_names("v6.1+kcore+slab"), ElementsAre("v6.1+kcore", "v6.1"));
  EXPECT_THAT(shorter_kernel_names("v6.1"), IsEmpty());
  EXPECT_THAT(shorter_kernel_names("+x"), IsEmpty());
}

}  // namespace
}  // namespace hangar
