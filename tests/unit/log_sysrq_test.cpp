// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/log/infer/read.h"
#include "harness/log/parse/detect.h"
#include "harness/log/parse/sysrq.h"

namespace hangar::log {
namespace {

TEST(SysRq, KeysOfAllWordings) {
  for (const auto& [text, key] :
       std::vector<std::pair<std::string, char>>{{"SysRq : Show State", 't'},
                                                 {"sysrq: SysRq : Show Blocked State", 'w'},
                                                 {"sysrq: Show Memory", 'm'},
                                                 {"sysrq: Manual OOM execution", 'f'},
                                                 {"sysrq: Show backtrace of all active CPUs", 'l'},
                                                 {"sysrq: Show Locks Held", 'd'},
                                                 {"sysrq: Trigger a crash", 'c'}}) {
    const auto action = parse_sysrq(text);
    ASSERT_TRUE(action) << text;
    EXPECT_EQ(action->key, key) << text;
  }
  EXPECT_FALSE(parse_sysrq("sysrq: OOM request ignored. No task eligible"));
}

TEST(SysRq, ShowMemory) {
  const auto facts = analyse(
      "[   10.000000] sysrq: Show Memory\n[   10.000001] Mem-Info:\n"
      "[   10.000002] active_anon:12 inactive_anon:3456 isolated_anon:0\n"
      "[   10.000003] Node 0 DMA free:960kB min:56kB low:68kB high:80kB\n[   10.000004] 65403 pages RAM\n"
      "[   11.000000] something else\n");
  ASSERT_EQ(facts.boots[0].sysrq.size(), 1U);
  const auto& action = facts.boots[0].sysrq[0];
  ASSERT_EQ(action.zones.size(), 1U);
  EXPECT_EQ(action.zones[0].free_kb, 960);
  EXPECT_EQ(action.last_line, 5U);
  EXPECT_TRUE(facts.boots[0].oom.empty());
}

TEST(SysRq, ShowLocksHeld) {
  const auto facts = analyse(
      "[   10.000000] sysrq: Show Locks Held\n[   10.000001] \n"
      "[   10.000002] Showing all locks held in the system:\n"
      "[   10.000003] 1 lock held by khungtaskd/13:\n"
      "[   10.000004]  #0: ffffffff82650460 (rcu_read_lock){....}-{1:2}, at: "
      "debug_show_all_locks+0x15/0x183\n"
      "[   10.000005] 2 locks held by a/b c/3418:\n"
      "[   10.000006]  #0: ffff88800520c428 (&mm->mmap_lock){++++}-{3:3}, at: "
      "do_user_addr_fault+0x1d4/0x5b0\n"
      "[   10.000007]  #1:  (&demo->lock){+.+.}, at: [<ffffffff81301a31>] demo_lock+0x25/0x60\n"
      "[   10.000008] =============================================\n");
  ASSERT_EQ(facts.boots[0].sysrq.size(), 1U);
  const auto& locks = facts.boots[0].sysrq[0].locks;
  ASSERT_EQ(locks.size(), 2U);
  EXPECT_EQ(locks[1].comm, "a/b c");
  EXPECT_EQ(locks[1].pid, 3418);
  EXPECT_EQ(locks[1].held,
            (std::vector<std::string>{"&mm->mmap_lock at do_user_addr_fault", "&demo->lock at demo_lock"}));
}

TEST(SysRq, NothingBehindItIsNoOutput) {
  const auto facts = analyse("[   10.000000] sysrq: Show Memory\n[   11.000000] something else\n");
  ASSERT_EQ(facts.boots[0].sysrq.size(), 1U);
  EXPECT_FALSE(facts.boots[0].sysrq[0].last_line);
}

}  // namespace
}  // namespace hangar::log
