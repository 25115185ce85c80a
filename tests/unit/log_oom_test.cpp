// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/log/infer/read.h"
#include "harness/log/parse/oom.h"
#include "harness/log/parse/oom_fields.h"
#include "tests/places.h"

namespace hangar::log {
namespace {

Boot boot_of(const std::string& name) {
  auto facts = read_log(std::string(places::source) + "/tests/data/log/oom/" + name);
  EXPECT_TRUE(facts);
  return facts ? facts->boots.at(0) : Boot{};
}

bool has_finding(const Boot& boot, std::string_view id) {
  for (const auto& finding : boot.findings) {
    if (finding.id == id) return true;
  }
  return false;
}

TEST(Oom, Kernel2632) {
  const auto boot = boot_of("2.6.32.log");
  ASSERT_EQ(boot.oom.size(), 1U);
  const auto& oom = boot.oom[0];
  EXPECT_EQ(oom.invoker->comm, "httpd");
  EXPECT_EQ(oom.invoker->pid, 2372);
  EXPECT_EQ(oom.gfp_mask, "0x280da");
  EXPECT_TRUE(oom.gfp_flags.empty());
  ASSERT_EQ(oom.tasks.size(), 2U);
  EXPECT_EQ(oom.tasks[0].oom_score_adj, -1000);
  EXPECT_FALSE(oom.tasks[0].swapents);
  EXPECT_EQ(oom.tasks[1].rss_pages, 997587);
  ASSERT_EQ(oom.kills.size(), 1U);
  EXPECT_EQ(oom.kills[0].comm, "httpd");
  EXPECT_EQ(oom.kills[0].anon_rss_kb, 3990348);
  EXPECT_FALSE(oom.kills[0].shmem_rss_kb);
  EXPECT_EQ(oom.kills[0].score, 910);
  EXPECT_FALSE(oom.kills[0].instead_of);
  ASSERT_EQ(oom.zones.size(), 1U);
  EXPECT_EQ(oom.zones[0].zone, "DMA");
  EXPECT_EQ(oom.zones[0].all_unreclaimable, true);
}

TEST(Oom, MemcgBefore50) {
  const auto boot = boot_of("memcg-3.10.log");
  ASSERT_EQ(boot.oom.size(), 1U);
  EXPECT_EQ(boot.oom[0].memcg, "/lab");
  EXPECT_EQ(boot.oom[0].task_memcg, "/lab/one");
  EXPECT_EQ(boot.oom[0].constraint, "CONSTRAINT_MEMCG");
  ASSERT_EQ(boot.oom[0].kills.size(), 1U);
  EXPECT_TRUE(boot.oom[0].kills[0].memcg);
}

TEST(Oom, ReaperAndStrangeNames) {
  const auto boot = boot_of("reaper-4.19.log");
  ASSERT_EQ(boot.oom.size(), 2U);
  EXPECT_EQ(boot.oom[0].invoker->pid, 777);
  EXPECT_EQ(boot.oom[0].kills[0].comm, "a b) c");
  EXPECT_EQ(boot.oom[0].tasks[0].name, "a b) c");
  EXPECT_EQ(boot.oom[0].tasks[0].pgtables_bytes, 2105344);
  ASSERT_EQ(boot.oom[0].reaped.size(), 1U);
  EXPECT_TRUE(boot.oom[0].reaped[0].succeeded);
  EXPECT_EQ(boot.oom[0].reaped[0].comm, "a b) c");
  EXPECT_NEAR(*boot.oom[0].reaped[0].after_kill_s, 0.25, 1e-6);
  ASSERT_EQ(boot.oom[1].reaped.size(), 1U);
  EXPECT_FALSE(boot.oom[1].reaped[0].succeeded);
  EXPECT_TRUE(has_finding(boot, "reaper-failed"));
}

TEST(Oom, Kernel6) {
  const auto boot = boot_of("6.x.log");
  ASSERT_EQ(boot.oom.size(), 1U);
  const auto& oom = boot.oom[0];
  EXPECT_EQ(oom.invoker->pid, 900);
  EXPECT_EQ(oom.gfp_flags.size(), 3U);
  EXPECT_EQ(oom.oom_score_adj, 500);
  EXPECT_EQ(oom.constraint, "CONSTRAINT_MEMCG");
  EXPECT_EQ(oom.memcg, "/lab");
  ASSERT_EQ(oom.tasks.size(), 1U);
  EXPECT_EQ(oom.tasks[0].rss_pages, 60000);
  EXPECT_EQ(oom.tasks[0].oom_score_adj, 500);
  EXPECT_EQ(oom.kills[0].uid, 1000);
  EXPECT_EQ(oom.kills[0].pgtables_kb, 528);
  EXPECT_EQ(oom.kills[0].oom_score_adj, 500);
  EXPECT_EQ(oom.zones.size(), 2U);
  EXPECT_EQ(oom.zones[1].min_kb, 1852);
  EXPECT_TRUE(boot.findings.empty());
}

TEST(Oom, NobodyToKill) {
  const auto boot = boot_of("no-killable.log");
  ASSERT_EQ(boot.oom.size(), 1U);
  EXPECT_TRUE(boot.oom[0].no_killable);
  EXPECT_TRUE(boot.oom[0].kills.empty());
  EXPECT_EQ(boot.panic, "System is deadlocked on memory");
  ASSERT_EQ(boot.crashes.size(), 1U);
  EXPECT_EQ(boot.crashes[0].title, "kernel panic: System is deadlocked on memory");
}

const std::string reworded =
    "[   10.000000] hog invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER), order=0, oom_score_adj=0\n"
    "[   10.000001] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,"
    "task_memcg=/,task=par,pid=9,ent,pid=37,uid=0\n";

// A kernel that words its kill line differently: the structured line is left as the witness.
TEST(Oom, VictimWithoutAKnownKillLine) {
  const auto facts = analyse(reworded + "[   10.000002] Out of memory: Killed the process 37 (parent)\n");
  ASSERT_EQ(facts.boots[0].oom.size(), 1U);
  const auto& oom = facts.boots[0].oom[0];
  EXPECT_TRUE(oom.kills.empty());
  ASSERT_TRUE(oom.chosen);
  EXPECT_EQ(oom.chosen->comm, "par,pid=9,ent");
  EXPECT_EQ(oom.chosen->pid, 37);
  EXPECT_EQ(oom.chosen_line, 2U);
  EXPECT_EQ(oom.kill_line_known, false);
}

TEST(Oom, VictimWhoseKillLineIsKnownOrSkipped) {
  const auto killed =
      analyse(reworded +
              "[   10.000002] Out of memory: Killed process 37 (par,pid=9,ent) total-vm:4324kB, "
              "anon-rss:76kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:36kB oom_score_adj:0\n");
  EXPECT_EQ(killed.boots[0].oom[0].kills.size(), 1U);
  EXPECT_EQ(killed.boots[0].oom[0].kill_line_known, true);
  const auto skipped = analyse(
      reworded +
      "[   10.000002] Out of memory: OOM victim 37 (par) is already exiting. Skip killing the task\n");
  EXPECT_EQ(skipped.boots[0].oom[0].kill_line_known, true);
  const auto neither =
      analyse("[   10.000002] hog invoked oom-killer: gfp_mask=0x0, order=0, oom_score_adj=0\n");
  EXPECT_FALSE(neither.boots[0].oom[0].kill_line_known);
}

TEST(Oom, ZonesWithoutNuma) {
  const auto facts = analyse(
      "[   10.000000] hog invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER), order=0, oom_score_adj=0\n"
      "[   10.000001] Mem-Info:\n"
      "[   10.000002] Node 0 active_anon:8kB inactive_anon:4kB all_unreclaimable? no\n"
      "[   10.000003] DMA free:960kB boost:0kB min:56kB low:68kB high:80kB\n"
      "[   10.000004] lowmem_reserve[]: 0 200\n"
      "[   10.000005] DMA32 free:1860kB boost:0kB min:1852kB low:2312kB high:2772kB\n"
      "[   10.000006] DMA: 0*4kB 0*8kB = 0kB\n");
  ASSERT_EQ(facts.boots[0].oom.size(), 1U);
  const auto& zones = facts.boots[0].oom[0].zones;
  ASSERT_EQ(zones.size(), 3U);
  EXPECT_EQ(zones[1].zone, "DMA");
  EXPECT_EQ(zones[2].zone, "DMA32");
  EXPECT_EQ(zones[2].min_kb, 1852);
}

TEST(Oom, PanicOnOom) {
  for (const std::string reason :
       {"out of memory. panic_on_oom is selected", "Out of memory: system-wide panic_on_oom is enabled"}) {
    const auto facts = analyse(
        "[   10.000000] hog invoked oom-killer: gfp_mask=0x280da, order=0\n[   10.000001] "
        "Kernel panic - not syncing: " +
        reason + "\n");
    ASSERT_EQ(facts.boots[0].oom.size(), 1U);
    EXPECT_TRUE(facts.boots[0].oom[0].panicked) << reason;
  }
}

std::string episode_at(int second, const std::string& between, const std::string& row, int victim) {
  const auto at = "[   " + std::to_string(second) + ".000000] ";
  return at + "hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n" + at +
         "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n" + between +
         at + row + "\n" + at + "Out of memory: Killed process " + std::to_string(victim) +
         " (hog) total-vm:8000kB, anon-rss:4000kB, file-rss:0kB, shmem-rss:0kB\n";
}

TEST(Oom, AVictimThatALaterTableLacksHasExited) {
  const std::string row = "[     50]     0    50     2000      1000   4096        0             0 hog";
  const std::string first = episode_at(10, "", row, 42);
  const auto exited = [&](const std::string& second) {
    return analyse(first + second).boots[0].oom[0].kills[0].exited;
  };
  EXPECT_TRUE(exited(episode_at(20, "", row, 50)));
  EXPECT_FALSE(exited(episode_at(20, "** 7 printk messages dropped **\n", row, 50))) << "half a table";
  EXPECT_FALSE(
      exited(episode_at(20, "[   20.000000] oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/a\n", row, 50)))
      << "a memcg's table";
  EXPECT_TRUE(exited("[   30.000000] MemAlloc-Info: stalling=0 dying=0 exiting=0 victim=0 oom_count=1\n"));
}

TEST(Oom, MissingLinesMakeAFindingLessSure) {
  const std::string row = "[     50]     0    50     2000     90000   4096        0             0 hog";
  const auto certainty = [&](const std::string& between) {
    auto text = episode_at(10, between, row, 42);
    text.replace(text.find("anon-rss:4000kB"), 15, "anon-rss:96kB  ");
    const auto facts = analyse(text);
    EXPECT_EQ(facts.boots[0].findings.size(), 1U);
    return facts.boots[0].findings.at(0).certainty;
  };
  EXPECT_EQ(certainty(""), Certainty::certain);
  EXPECT_EQ(certainty("** 7 printk messages dropped **\n"), Certainty::probable);
  EXPECT_EQ(certainty("(...snipped...)\n"), Certainty::probable);
}

TEST(Oom, KillLineAlone) {
  const auto facts = analyse(
      "[   10.000000] Out of memory: Killed process 12 (x) total-vm:8kB, anon-rss:4kB, file-rss:0kB\n");
  ASSERT_EQ(facts.boots[0].oom.size(), 1U);
  EXPECT_FALSE(facts.boots[0].oom[0].invoker);
  EXPECT_EQ(facts.boots[0].oom[0].kills.size(), 1U);
}

TEST(Oom, RunningTextIsNoKill) {
  const auto facts =
      analyse("[   10.000000] myd: Killed process 12 (x) because I could\nmyd: we invoked oom-killer\n");
  EXPECT_TRUE(facts.boots[0].oom.empty() || facts.boots[0].oom[0].kills.empty());
}

TEST(Oom, TasksThatShareTheMm) {
  const auto facts = analyse(
      "[   10.000000] hog invoked oom-killer: gfp_mask=0x280da, order=0, oom_score_adj=0\n"
      "[   10.000001] Out of memory: Kill process 41 (hog) score 900 or sacrifice child\n"
      "[   10.000002] Killed process 41 (hog) total-vm:100kB, anon-rss:50kB, file-rss:0kB\n"
      "[   10.000003] Kill process 42 (a) b) sharing same memory\n");
  ASSERT_EQ(facts.boots.at(0).oom.size(), 1U);
  const OomEpisode& episode = facts.boots[0].oom[0];
  ASSERT_EQ(episode.sharers.size(), 1U);
  EXPECT_EQ(episode.sharers[0].comm, "a) b");
  EXPECT_EQ(episode.sharers[0].pid, 42);
  EXPECT_EQ(episode.kills.size(), 1U) << "one victim";
}

TEST(Oom, UsageOfAMemcg) {
  const auto facts = analyse(
      "[   10.000000] hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
      "[   10.000001] Task in /a/b killed as a result of limit of /a\n"
      "[   10.000002] memory: usage 4096kB, limit 4000kB, failcnt 12\n"
      "[   10.000003] memory+swap: usage 5000kB, limit 9007199254740988kB, failcnt 0\n");
  const OomEpisode& episode = facts.boots.at(0).oom.at(0);
  EXPECT_EQ(episode.memcg_usage_kb, 4096);
  EXPECT_EQ(episode.memcg_limit_kb, 4000);
}

}  // namespace
}  // namespace hangar::log
