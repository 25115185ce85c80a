// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/log/infer/read.h"
#include "harness/log/parse/frame.h"
#include "harness/log/parse/stack.h"

namespace hangar::log {
namespace {

TEST(Stack, TaskLinesOfAllKernels) {
  const auto check = [](const char* text, const char* comm, const char* state, std::int64_t ppid) {
    const auto task = parse_task_line(text);
    ASSERT_TRUE(task) << text;
    EXPECT_EQ(task->comm, comm) << text;
    EXPECT_EQ(task->state, state) << text;
    EXPECT_EQ(task->pid, 3418) << text;
    EXPECT_EQ(task->ppid, ppid) << text;
  };
  check("task:a.out           state:D stack:    0 pid: 3418 ppid:  3417 flags:0x00004000", "a.out", "D",
        3417);
  check(
      "task:a b             state:R  running task     stack:0     pid:3418  tgid:3418 ppid:1      flags:0x8",
      "a b", "R", 1);
  check("a.out           D ffff8800777b7e08     0  3418   3417 0x00100084", "a.out", "D", 3417);
  check("a.out           R  running task        0  3418   3417 0x00000080", "a.out", "R", 3417);
  check("a.out           D21600  3418   3417 0x00100084", "a.out", "D", 3417);
}

TEST(Stack, LinesThatAreNoTaskLines) {
  for (const char* text : {"", "task:", "task:a state:D", "a.out D 0 3418 3417", "CPU: 0 Comm: a.out",
                           "a.out           Q ffff8800777b7e08     0  3418   3417 0x00100084"}) {
    EXPECT_FALSE(parse_task_line(text)) << text;
  }
}

TEST(Stack, Frames) {
  const auto frame = parse_frame(" ? ext4_readpage+0x12/0x340 [ext4]");
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->function, "ext4_readpage");
  EXPECT_EQ(frame->offset, 0x12U);
  EXPECT_EQ(frame->size, 0x340U);
  EXPECT_FALSE(frame->reliable);
  EXPECT_EQ(frame->module, "ext4");
  const auto inlined = parse_frame(" shrink_node mm/vmscan.c:123 [inline]");
  ASSERT_TRUE(inlined);
  EXPECT_TRUE(inlined->inlined);
  EXPECT_EQ(inlined->source, "mm/vmscan.c:123");
  EXPECT_FALSE(parse_frame("a program prints f+0x1 only"));
  EXPECT_FALSE(parse_frame("12+0x1/0x2"));
}

TEST(Stack, Sections) {
  std::string_view name;
  std::string_view rest;
  EXPECT_TRUE(section_mark(" <IRQ>", name, rest));
  EXPECT_EQ(name, "IRQ");
  EXPECT_TRUE(section_mark("</TASK>", name, rest));
  EXPECT_FALSE(section_mark("<irq>", name, rest));
  EXPECT_FALSE(section_mark("<IRQ", name, rest));
}

TEST(Stack, AnotherMessageBetweenFramesEndsNoTrace) {
  const auto facts = analyse(
      "[    1.000000] task:hog             state:D stack:0     pid:41    ppid:39\n[    1.000001] Call "
      "Trace:\n"
      "[    1.000002]  f+0x1/0x2\n[    1.000003] random: crng init done\n[    1.000004]  g+0x1/0x2\n");
  ASSERT_EQ(facts.boots[0].tasks.size(), 1U);
  EXPECT_EQ(facts.boots[0].tasks[0].frames.size(), 2U);
  EXPECT_EQ(facts.boots[0].tasks[0].last_line, 5U);
}

}  // namespace
}  // namespace hangar::log
