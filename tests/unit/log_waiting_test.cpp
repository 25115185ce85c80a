// SPDX-License-Identifier: GPL-2.0-only
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/log/infer/read.h"
#include "harness/log/infer/waiting.h"

namespace hangar::log {
namespace {

TaskStack stack_of(const std::vector<std::string>& functions, bool reliable = true) {
  TaskStack stack;
  for (const auto& function : functions) {
    Frame frame;
    frame.function = function;
    frame.reliable = reliable;
    stack.frames.push_back(std::move(frame));
  }
  return stack;
}

TEST(Waiting, NamesTheFunctionBelowSchedulerAndLocks) {
  EXPECT_EQ(waits_in(stack_of({"__schedule", "schedule", "schedule_timeout", "msleep", "out_of_memory"})),
            "out_of_memory");
  EXPECT_EQ(waits_in(stack_of({"__schedule", "schedule", "schedule_preempt_disabled",
                               "__mutex_lock.constprop.0", "mem_cgroup_out_of_memory"})),
            "mem_cgroup_out_of_memory");
  EXPECT_EQ(waits_in(stack_of({"__schedule", "schedule"})), "");
  EXPECT_EQ(waits_in(stack_of({"schedule", "shrink_node"}, false)), "shrink_node");
}

TEST(Waiting, ForMemory) {
  EXPECT_TRUE(
      waits_for_memory(stack_of({"schedule", "__alloc_pages_slowpath.constprop.0", "filemap_fault"})));
  EXPECT_TRUE(
      waits_for_memory(stack_of({"schedule", "mem_cgroup_oom_synchronize", "pagefault_out_of_memory"})));
  EXPECT_FALSE(waits_for_memory(stack_of({"rwsem_down_write_slowpath", "down_write", "vm_mmap_pgoff"})));
  EXPECT_FALSE(waits_for_memory(stack_of({"__mutex_lock", "pipe_read", "vfs_read"})));
}

TEST(Waiting, NoKill) {
  EXPECT_EQ(to_string(stall_cause(10, 40, {})), "no-kill");
  EXPECT_EQ(to_string(stall_cause(10, 40, {{5, false}, {41, false}})), "no-kill")
      << "killed before and after the stall";
}

TEST(Waiting, VictimStuckOnlyWhileTheStallGoesOn) {
  EXPECT_EQ(to_string(stall_cause(10, 63, {{9, false}})), "victim-stuck");
  EXPECT_EQ(to_string(stall_cause(10, 63, {{20, false}})), "victim-stuck");
  EXPECT_EQ(stall_cause(10, 63, {{9, true}}), std::nullopt) << "it was gone";
}

TEST(Waiting, KillThatComesLateIsNoCause) {
  EXPECT_EQ(to_string(stall_cause(3, 18.5, {{18.4, false}})), "late-kill");
  EXPECT_EQ(to_string(stall_cause(3, 63, {{50, false}})), "late-kill") << "most of the stall came before it";
  EXPECT_EQ(to_string(stall_cause(3, 12, {{7.5, false}})), "late-kill") << "over within seconds";
  EXPECT_EQ(to_string(stall_cause(3, 63, {{4, true}, {62, false}})), "late-kill");
  EXPECT_EQ(to_string(stall_cause(3, 63, {{4, false}, {62, false}})), "victim-stuck");
}

const std::string hung =
    "[   20.000000] INFO: task hog:41 blocked for more than 10 seconds.\n"
    "[   20.000001]       Not tainted 6.1.0 #1\n"
    "[   20.000002] task:hog             state:D stack:0     pid:41    ppid:37     flags:0x00000000\n"
    "[   20.000003] Call Trace:\n"
    "[   20.000004]  <TASK>\n"
    "[   20.000005]  __schedule+0x3a4/0xb80\n"
    "[   20.000006]  msleep+0x2d/0x40\n"
    "[   20.000007]  FUNCTION+0x2f1/0x4f0\n"
    "[   20.000008]  </TASK>\n"
    "[   21.000000] done\n";

std::string with_function(const std::string& name) {
  std::string text = hung;
  return text.replace(text.find("FUNCTION"), 8, name);
}

TEST(Waiting, LogsHangOfATaskInTheAllocatorIsAMemoryStall) {
  const auto stall = analyse(with_function("out_of_memory")).boots[0].hangs;
  ASSERT_EQ(stall.size(), 1U);
  EXPECT_EQ(to_string(stall[0].kind), "memory-stall");
  EXPECT_EQ(to_string(stall[0].cause), "no-kill");
  const auto task = analyse(with_function("pipe_read")).boots[0].hangs;
  ASSERT_EQ(task.size(), 1U);
  EXPECT_EQ(to_string(task[0].kind), "task");
  EXPECT_FALSE(task[0].cause);
}

const std::string kill =
    "] Out of memory: Killed process 42 (a.out) total-vm:952kB, anon-rss:52kB, file-rss:0kB, shmem-rss:8kB, "
    "UID:0 pgtables:36kB oom_score_adj:0\n";

std::string memalloc(const std::string& time, const std::string& counts) {
  return "[" + time + "] MemAlloc-Info: " + counts + " oom_count=1\n";
}

TEST(Waiting, LogsCauseFollowsTheKills) {
  const std::string stalling = "stalling=5 dying=0 exiting=0 victim=0";
  const std::string stuck = "stalling=5 dying=3 exiting=0 victim=1";
  const std::string over = "stalling=0 dying=0 exiting=0 victim=0";
  std::string late = memalloc("   20.000000", stalling) + memalloc("   30.000000", stalling) +
                     "[   39.000000" + kill + memalloc("   40.000000", over);
  std::string early = "[   19.000000" + kill + memalloc("   20.000000", stuck) +
                      memalloc("   30.000000", stuck) + memalloc("   40.000000", over);
  const auto late_hangs = analyse(late).boots[0].hangs;
  ASSERT_EQ(late_hangs.size(), 1U);
  EXPECT_EQ(to_string(late_hangs[0].cause), "late-kill");
  const auto early_hangs = analyse(early).boots[0].hangs;
  ASSERT_EQ(early_hangs.size(), 1U);
  EXPECT_EQ(to_string(early_hangs[0].cause), "victim-stuck");
}

}  // namespace
}  // namespace hangar::log
