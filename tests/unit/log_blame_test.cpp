// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/log/crash/blame.h"
#include "harness/log/crash/rules.h"
#include "harness/log/infer/read.h"

// What a report is named after, on each architecture: not the copy routine that faulted, nor the entry code.
namespace hangar::log {
namespace {

struct Architecture {
  const char* name;
  const char* registers;
  const char* trace;  // of memcpy, its caller, the system call's entry
};

std::ostream& operator<<(std::ostream& out, const Architecture& one) {
  return out << one.name;
}

const Architecture architectures[] = {
    {"arm64", "pc : __pi_memcpy_generic+0x12c/0x240\nlr : hangar_demo_copy+0x24/0x60\n",
     " __pi_memcpy_generic+0x12c/0x240\n hangar_demo_copy+0x24/0x60\n __arm64_sys_demo+0x30/0x40\n"
     " invoke_syscall+0x98/0x244\n el0_svc_common+0xe8/0x23c\n do_el0_svc+0x48/0x58\n el0_svc+0x60/0x25c\n"
     " el0t_64_sync_handler+0x48/0x148\n el0t_64_sync+0x198/0x19c\n"},
    {"arm", "PC is at memcpy+0x50/0x330\nLR is at hangar_demo_copy+0x24/0x60\n",
     "[<80110050>] (memcpy) from [<80e01024>] (hangar_demo_copy+0x24/0x60)\n"
     "[<80e01024>] (hangar_demo_copy) from [<80e02030>] (sys_demo+0x30/0x40)\n"
     "[<80e02030>] (sys_demo) from [<80100060>] (ret_fast_syscall+0x0/0x1c)\n"},
    {"arm since 5.18", "PC is at memcpy+0x50/0x330\nLR is at hangar_demo_copy+0x24/0x60\n",
     " memcpy from hangar_demo_copy+0x24/0x60\n hangar_demo_copy from sys_demo+0x30/0x40\n"
     " sys_demo from ret_fast_syscall+0x0/0x1c\n"},
    {"riscv", "epc : memcpy+0x70/0xf8\n ra : hangar_demo_copy+0x24/0x60\n",
     "[<ffffffff80b3c4d0>] memcpy+0x70/0xf8\n[<ffffffff80e01024>] hangar_demo_copy+0x24/0x60\n"
     "[<ffffffff80e02030>] __riscv_sys_demo+0x30/0x40\n[<ffffffff80a0e0a6>] do_trap_ecall_u+0x1ba/0x206\n"
     "[<ffffffff80a1a5c0>] handle_exception+0x148/0x156\n"},
    {"powerpc",
     "NIP [c0000000000a1234] memcpy_power7+0x14/0x7d8\nLR [c000000000e01024] hangar_demo_copy+0x24/0x60\n",
     "[c0000000025f7b30] [c000000000e01024] hangar_demo_copy+0x24/0x60\n"
     "[c0000000025f7b90] [c000000000e02030] sys_demo+0x30/0x40\n"
     "[c0000000025f7c30] [c00000000002f3b0] system_call_exception+0x150/0x2d0\n"
     "[c0000000025f7e10] [c00000000000d05c] system_call_vectored_common+0x15c/0x2ec\n"},
    {"s390", "Krnl PSW : 0704c00180000000 0000000000ab1234 (memcpy+0x16/0x60)\n",
     " [<0000000000ab1234>] memcpy+0x16/0x60\n [<0000000000e01024>] hangar_demo_copy+0x24/0x60\n"
     " [<0000000000e02030>] __s390x_sys_demo+0x30/0x40\n [<0000000000d0a3c2>] __do_syscall+0x1d2/0x200\n"
     " [<0000000000d1a5a2>] system_call+0x82/0xb0\n"},
    {"mips", "epc   : 80ab1234 memcpy+0x14/0x60\nra    : 80e01024 hangar_demo_copy+0x24/0x60\n",
     "[<80ab1234>] memcpy+0x14/0x60\n[<80e01024>] hangar_demo_copy+0x24/0x60\n"
     "[<80e02030>] sys_demo+0x30/0x40\n[<8010b4a4>] syscall_common+0x34/0x58\n"},
    {"loongarch",
     "   ERA: 9000000000221234 memcpy+0x14/0x60\n    RA: 9000000000e01024 hangar_demo_copy+0x24/0x60\n",
     "[<9000000000221234>] memcpy+0x14/0x60\n[<9000000000e01024>] hangar_demo_copy+0x24/0x60\n"
     "[<9000000000e02030>] sys_demo+0x30/0x40\n[<90000000012d3f0c>] do_syscall+0x8c/0x190\n"
     "[<9000000000221a00>] handle_syscall+0xb8/0x158\n"},
};

std::string title_of(const std::string& log) {
  const auto facts = analyse(log);
  return facts.boots[0].crashes.empty() ? std::string() : facts.boots[0].crashes[0].title;
}

class OnEach : public testing::TestWithParam<Architecture> {};

TEST_P(OnEach, ABadAccessIsTheCallersOfTheCopyRoutine) {
  const auto& one = GetParam();
  const std::string log = "Unable to handle kernel paging request at virtual address dead000000000108\n" +
                          std::string(one.registers) + "Call Trace:\n" + one.trace +
                          "---[ end trace 0000000000000000 ]---\n";
  EXPECT_EQ(title_of(log), "BUG: unable to handle kernel paging request in hangar_demo_copy");
}

TEST_P(OnEach, AStallIsTheSystemCalls) {
  const auto& one = GetParam();
  const std::string log = "rcu: INFO: rcu_sched self-detected stall on CPU\n" + std::string(one.registers) +
                          "Call Trace:\n" + one.trace;
  const auto title = title_of(log);
  // The name without what an architecture adds to it.
  EXPECT_TRUE(title == "INFO: rcu detected stall in sys_demo" || title == "INFO: rcu detected stall in demo")
      << title;
}

INSTANTIATE_TEST_SUITE_P(Architectures, OnEach, testing::ValuesIn(architectures));

std::vector<ReportFrame> frames(const std::vector<std::string>& functions) {
  std::vector<ReportFrame> out;
  for (const auto& function : functions) {
    out.emplace_back();
    out.back().function = function;
    out.back().index = out.size();
  }
  return out;
}

TEST(Blame, InfrastructureDependsOnTheClass) {
  const auto trace = frames({"dump_stack_lvl", "kasan_report", "mutex_lock_nested", "hangar_demo_open"});
  EXPECT_EQ(blame_inner(trace, skip_locks).function, "hangar_demo_open");
  EXPECT_EQ(blame_inner(trace, skip_none).function, "mutex_lock_nested");
  EXPECT_EQ(blame_inner(frames({"dump_stack_lvl", "kasan_report"}), skip_none).function, "");
}

TEST(Blame, AFunctionWithAPlaceIsJudgedByIt) {
  auto trace = frames({"lookup", "hangar_demo_open"});
  EXPECT_EQ(blame_inner(trace, skip_none).function, "lookup");
  trace[0].source = "lib/vsprintf.c:12";
  EXPECT_EQ(blame_inner(trace, skip_none).function, "hangar_demo_open");
}

TEST(Blame, TheTickThatFoundAHangIsLeftOut) {
  const auto tick =
      frames({"watchdog_timer_fn", "hrtimer_interrupt", "sysvec_apic_timer_interrupt",
              "asm_sysvec_apic_timer_interrupt", "hangar_demo_loop", "__x64_sys_demo", "do_syscall_64"});
  EXPECT_EQ(blame_outer(tick, skip_locks).function, "__x64_sys_demo");
  auto softirq = frames({"hangar_demo_tasklet", "tasklet_action", "__do_softirq", "irq_exit_rcu",
                         "asm_sysvec_apic_timer_interrupt", "__x64_sys_demo", "do_syscall_64"});
  for (std::size_t i = 0; i < 3; ++i) softirq[i].where = Where::interrupt;
  EXPECT_EQ(blame_outer(softirq, skip_locks).function, "hangar_demo_tasklet");
  EXPECT_EQ(blame_outer(softirq, skip_locks, true).function, "__x64_sys_demo");
}

TEST(Blame, ATaskThatSleepsIsNotWhereACpuStalls) {
  auto sleeper = frames({"__schedule", "preempt_schedule", "hangar_demo_wait", "__x64_sys_demo"});
  EXPECT_EQ(blame_outer(sleeper, skip_locks, true).function, "");
  EXPECT_EQ(blame_outer(sleeper, skip_locks).function, "__x64_sys_demo");
  // The interrupt that found it may have preempted it since.
  sleeper.insert(sleeper.begin() + 2, frames({"irqentry_exit", "asm_sysvec_apic_timer_interrupt"}).back());
  EXPECT_EQ(blame_outer(sleeper, skip_locks, true).function, "__x64_sys_demo");
}

constexpr std::string_view warning =
    "[    9.000000][  T742] WARNING: CPU: 1 PID: 742 at drivers/misc/hangar_demo.c:9 "
    "hangar_demo_check+0x1/0x20\n"
    "[    9.000010][  T742] CPU: 1 PID: 742 Comm: tester Not tainted 4.20.0 #1\n"
    "[    9.000020][  T742] Call Trace:\n"
    "[    9.000030][  T742]  hangar_demo_report_of_an_old_kernel+0x1/0x20\n"
    "[    9.000040][  T742]  hangar_demo_trap_of_an_old_kernel+0x1/0x20\n"
    "[    9.000050][  T742] RIP: 0010:hangar_demo_check+0x1/0x20\n"
    "[    9.000060][  T742]  hangar_demo_open+0x1/0x20\n"
    "[    9.000070][  T742] ---[ end trace 0000000000000000 ]---\n";

TEST(Blame, WhatReportsIsLeftOutWithoutItsName) {
  EXPECT_EQ(title_of(std::string(warning)), "WARNING in hangar_demo_check");
}

TEST(Blame, LinesOfOtherTasksAreNotTheReports) {
  const std::string head =
      "[    9.000000][  T742] BUG: sleeping function called from invalid context at mm/slab.h:9\n"
      "[    9.000010][  T742] Call Trace:\n";
  const std::string other = "[    9.000020][  T800]  hangar_demo_other+0x1/0x20\n";
  const std::string own = "[    9.000030][  T742]  hangar_demo_open+0x1/0x20\n";
  EXPECT_EQ(title_of(head + other + own),
            "BUG: sleeping function called from invalid context in hangar_demo_open");
  EXPECT_EQ(title_of(head + other), "BUG: sleeping function called from invalid context in corrupted");
}

TEST(Blame, AReportWithTheHeaderOfAnotherTaskIsCorrupted) {
  std::string log(warning);
  for (auto at = log.find("[  T742]"); at != std::string::npos; at = log.find("[  T742]")) log.erase(at, 8);
  EXPECT_EQ(title_of(log), "WARNING in hangar_demo_check");
  log.replace(log.find("CPU: 1 PID: 742 Comm"), 20, "CPU: 0 PID: 800 Comm");
  EXPECT_TRUE(analyse(log).boots[0].crashes.at(0).corrupted);
}

TEST(Blame, FunctionsThatDifferFromTheirFile) {
  EXPECT_EQ(kind_of_function("process_one_work", "kernel/workqueue.c"), skip_none);
  EXPECT_NE(kind_of_function("__flush_work", "kernel/workqueue.c") & skip_locks, 0U);
  EXPECT_EQ(kind_of_function("iov_iter_advance", "lib/iov_iter.c"), skip_none);
  EXPECT_EQ(kind_of_function("_copy_to_iter", "lib/iov_iter.c"), skip_always);
  EXPECT_EQ(kind_of_function("skb_put", "net/core/skbuff.c"), skip_always);
  EXPECT_EQ(kind_of_function("skb_dequeue", "net/core/skbuff.c"), skip_none);
}

// Each row can be left out, and is not by default.
TEST(Blame, RulesCanBeLeftOut) {
  EXPECT_TRUE(is_machinery("rust_helper_BUG", skip_none));
  for (const auto& rule : name_rules()) {
    if (rule.name == "families rust_helper_") measurement().left_out = rule.row;
  }
  EXPECT_FALSE(is_machinery("rust_helper_BUG", skip_none));
  measurement().left_out = nullptr;
  EXPECT_GT(place_rules().size(), 100U);
  EXPECT_GT(class_rules().size(), 100U);
  EXPECT_GT(warning_rules().size(), 10U);
}

}  // namespace
}  // namespace hangar::log
