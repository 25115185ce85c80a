// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/log/crash/blame.h"

namespace hangar::log {
namespace {

using testing::ElementsAre;

// Frames of one stack, innermost first.
std::vector<ReportFrame> stack_of(const std::vector<std::string>& functions) {
  std::vector<ReportFrame> frames;
  for (const auto& function : functions) {
    ReportFrame frame;
    frame.function = function;
    frame.index = frames.size() + 1;
    frames.push_back(std::move(frame));
  }
  return frames;
}

TEST(Blame, InnermostThatIsNoMachinery) {
  const auto frames = stack_of({"copy_to_user", "ext4_readpage", "vfs_read", "do_syscall_64"});
  EXPECT_EQ(blame_inner(frames, skip_none).function, "ext4_readpage");
  EXPECT_EQ(blame_inner(frames, skip_none).index, 2U);
  EXPECT_EQ(blame_inner(stack_of({"copy_to_user", "do_syscall_64", "entry_SYSCALL_64"}), skip_none).function,
            "");
}

TEST(Blame, SkipsWhatTheClassAllows) {
  const auto frames = stack_of({"vmalloc", "some_driver_probe"});
  EXPECT_EQ(blame_inner(frames, skip_none).function, "vmalloc");
  EXPECT_EQ(blame_inner(frames, skip_alloc).function, "some_driver_probe");
  EXPECT_FALSE(is_machinery("vmalloc", skip_locks));
  EXPECT_TRUE(is_machinery("vmalloc.part.0", skip_alloc)) << "the compiler's suffix does not matter";
}

TEST(Blame, SkipsGuessesAndInlinedFunctions) {
  auto frames = stack_of({"stale", "inlined_helper", "caller"});
  frames[0].reliable = false;
  frames[1].inlined = true;
  EXPECT_EQ(blame_inner(frames, skip_none).function, "caller");
}

TEST(Blame, OuterIsWhatGenericCodeHadCalled) {
  const auto frames =
      stack_of({"shrink_node", "some_ioctl_handler", "do_syscall_64", "entry_SYSCALL_64_after_hwframe"});
  EXPECT_EQ(blame_outer(frames, skip_none).function, "some_ioctl_handler");
  EXPECT_EQ(blame_outer({}, skip_none).function, "");
}

TEST(Blame, NamesUnderWhichAFunctionIsFiled) {
  EXPECT_THAT(filed_as("shrink_node.isra.0"), ElementsAre("shrink_node"));
  EXPECT_THAT(filed_as("__se_sys_read"), ElementsAre("read", "sys_read", "__se_sys_read"));
  EXPECT_THAT(filed_as("__x64_sys_rmdir"), ElementsAre("sys_rmdir", "__x64_sys_rmdir"));
  EXPECT_THAT(filed_as("synchronize_rcu_expedited"),
              ElementsAre("synchronize_rcu", "synchronize_rcu_expedited"));
}

TEST(Blame, PlainNames) {
  EXPECT_EQ(plain_name("foo.constprop.0.cold"), "foo");
  EXPECT_EQ(plain_name("_ZN4core9panicking5panicEv"), "core::panicking::panic");
  EXPECT_EQ(plain_name("_Z"), "_Z");
  EXPECT_EQ(plain_name(".L1"), ".L1");
}

}  // namespace
}  // namespace hangar::log
