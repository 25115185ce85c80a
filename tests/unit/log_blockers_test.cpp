// SPDX-License-Identifier: GPL-2.0-only
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/log/infer/blockers.h"
#include "harness/log/infer/read.h"

// Which tasks block others.
namespace hangar::log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

HungTaskBlocker waits(std::int64_t pid, std::int64_t owner, std::uint64_t line) {
  HungTaskBlocker out{fmt::format("t{}", pid), pid, {}};
  out.blocker.line = line;
  out.blocker.owner = TaskId{fmt::format("t{}", owner), owner};
  return out;
}
std::vector<BlockedGroup> groups_of(const std::vector<HungTaskBlocker>& all) {
  BlockerGraph graph;
  for (const auto& one : all) graph.add(one);
  return graph.groups();
}
std::vector<std::int64_t> pids(const std::vector<TaskId>& tasks) {
  std::vector<std::int64_t> out;
  for (const auto& task : tasks) out.push_back(task.pid);
  return out;
}

TEST(Blockers, AChainEndsAtItsOwner) {
  const auto groups = groups_of({waits(1, 2, 10), waits(2, 3, 20), waits(4, 3, 30), waits(8, 9, 40)});
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].owner.pid, 3);
  EXPECT_THAT(pids(groups[0].waiters), ElementsAre(1, 2, 4));
  EXPECT_THAT(groups[0].lines, ElementsAre(10U, 20U, 30U));
  EXPECT_FALSE(groups[0].cycle);
  EXPECT_EQ(groups[1].owner.pid, 9);
  EXPECT_EQ(describe(groups[0], "do_work"),
            "t3 (3), in do_work, likely blocks 3 tasks through locks: t1 (1), t2 (2), t4 (4).");
  EXPECT_EQ(describe(groups[1], ""), "t9 (9) likely holds a mutex that t8 (8) waits for.");
}

TEST(Blockers, ACycle) {
  const auto groups = groups_of({waits(5, 6, 10), waits(6, 7, 20), waits(7, 5, 30), waits(1, 6, 40)});
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_TRUE(groups[0].cycle);
  EXPECT_THAT(pids(groups[0].waiters), ElementsAre(5, 6, 7)) << "1 waits for the cycle and is not in it";
  EXPECT_EQ(groups_of({waits(5, 5, 10)}).at(0).waiters.size(), 1U);
}

TEST(Blockers, TheLastLockOfATaskCounts) {
  const auto groups = groups_of({waits(1, 2, 10), waits(1, 3, 20)});
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].owner.pid, 3);
}

TEST(Blockers, UnknownOwnersAreLeftOut) {
  HungTaskBlocker unknown = waits(1, 2, 10);
  unknown.blocker.owner.reset();
  EXPECT_THAT(groups_of({unknown, waits(-1, 2, 20), waits(1, -1, 30)}), IsEmpty());
}

TEST(Blockers, ALongChainTakesLinearTime) {
  BlockerGraph graph;
  for (std::int64_t pid = 1; pid <= 100'000; ++pid)
    graph.add(waits(pid, pid + 1, static_cast<std::uint64_t>(pid)));
  EXPECT_EQ(graph.groups().size(), 1U);
}

TEST(Blockers, TheFindingNamesTheOwnerAndItsPlace) {
  const auto facts = analyse(
      "[  240.000000] INFO: task a:11 blocked for more than 122 seconds.\n"
      "[  240.000001] INFO: task a:11 is blocked on a mutex likely owned by task b:12.\n"
      "[  240.000002] task:b               state:S stack:0     pid:12    tgid:12    ppid:1      flags:0x0\n"
      "[  240.000003] Call Trace:\n[  240.000004]  <TASK>\n[  240.000005]  __schedule+0x1/0x2\n"
      "[  240.000006]  read_slowly+0x1/0x2\n[  240.000007]  </TASK>\n");
  const auto& findings = facts.boots.at(0).findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].id, "lock-owner");
  EXPECT_EQ(findings[0].text, "b (12), in read_slowly, likely holds a mutex that a (11) waits for.");
  EXPECT_THAT(findings[0].lines, ElementsAre(2U));
  EXPECT_EQ(to_string(findings[0].certainty), "probable");
}

}  // namespace
}  // namespace hangar::log
