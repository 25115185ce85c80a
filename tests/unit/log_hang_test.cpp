// SPDX-License-Identifier: GPL-2.0-only
#include <string>

#include <gtest/gtest.h>

#include "harness/log/infer/read.h"

namespace hangar::log {
namespace {

// Reports of the allocator's watchdog, 10 s apart; hog (41) has this stack in each.
std::string reports_with_stack(const std::string& frames) {
  std::string text =
      "[    0.000000] Linux version 6.1.192 (gcc (Debian 12.2.0) 12.2.0) #1 SMP\n"
      "[    3.000000] Run /init as init process\n";
  for (const std::string second : {"24", "34", "44"}) {
    text += "[   " + second + ".000000] MemAlloc-Info: 1 stalling task, 1 dying task, 0 victim task.\n";
    text += "[   " + second +
            ".000100] MemAlloc: hog(41) seq=213 order=0 gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE) "
            "delay=16700ms flags=0x40004c dying\n";
    text += "[   " + second + ".000200] task:hog             state:D stack:0     pid:41    ppid:39\n";
    text += "[   " + second + ".000300] Call Trace:\n[   " + second + ".000400]  <TASK>\n";
    text += "[   " + second + ".000500]  __schedule+0x1fb/0x580\n" + frames;
    text += "[   " + second + ".000600]  </TASK>\n";
  }
  return text + "[   60.000000] random: crng init done\n";
}

TEST(Hang, TaskThatAnOopsEndedIsNoMemoryStall) {
  const auto facts = analyse(reports_with_stack(
      "[   24.000510]  exit_mmap+0xb6/0x1c0\n[   24.000520]  do_exit+0x293/0x900\n"
      "[   24.000530]  make_task_dead+0x84/0x90\n[   24.000540]  rewind_stack_and_make_dead+0x17/0x20\n"));
  EXPECT_TRUE(facts.boots.at(0).hangs.empty());
}

TEST(Hang, TaskInTheAllocatorIsAMemoryStall) {
  const auto facts = analyse(reports_with_stack(
      "[   24.000510]  schedule_timeout+0x8a/0x100\n[   24.000520]  __alloc_pages+0x750/0xc10\n"));
  ASSERT_EQ(facts.boots.at(0).hangs.size(), 1u);
  EXPECT_EQ(to_string(facts.boots.at(0).hangs[0].kind), "memory-stall");
}

}  // namespace
}  // namespace hangar::log
