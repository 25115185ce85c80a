// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/log/explain/explainer.h"
#include "harness/log/explain/page.h"
#include "harness/log/explain/table.h"
#include "harness/log/form/reader.h"
#include "tests/places.h"

// Real reports of 5.10 to 7.2 in tests/data/log/oom-reports. What is expected was read off them by hand.
namespace hangar::log {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string reports = std::string(places::source) + "/tests/data/log/oom-reports/";

std::vector<Explanation> explain(std::string_view text) {
  std::vector<Explanation> all;
  OomExplainer explainer([&](Explanation&& one) { all.push_back(std::move(one)); });
  Reader reader([&](Event&& event) { explainer.on(event); });
  reader.feed(text);
  reader.finish();
  return all;
}

std::string report(const std::string& name) {
  const auto text = read_file(reports + name);
  EXPECT_TRUE(text) << name;
  return text ? *text : "";
}

Explanation first(std::string_view text) {
  auto all = explain(text);
  EXPECT_FALSE(all.empty());
  return all.empty() ? Explanation{} : std::move(all.front());
}

std::vector<std::string> ids(const std::vector<Statement>& list) {
  std::vector<std::string> out;
  for (const auto& one : list) out.push_back(one.id);
  return out;
}

std::string text_of(const std::vector<Statement>& list, const std::string& id) {
  for (const auto& one : list) {
    if (one.id == id) return one.text;
  }
  return "";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line + "\n");
  return out;
}

std::map<std::string, std::string> all_reports() {
  std::map<std::string, std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(reports)) {
    if (entry.path().extension() == ".log") all[entry.path().filename()] = report(entry.path().filename());
  }
  return all;
}

TEST(Explain, GlobalWithoutSwap) {
  const auto oom = first(report("5.10-global.log"));
  EXPECT_EQ(oom.scope, OomScope::machine);
  EXPECT_EQ(oom.order, 0);
  EXPECT_EQ(oom.page_kb, 4);
  EXPECT_THAT(ids(oom.cause), Contains("no-swap"));
  EXPECT_THAT(ids(oom.cause), Contains("below-min"));
  ASSERT_EQ(oom.zones.size(), 2U);
  EXPECT_EQ(oom.zones[0].zone, "DMA");
  EXPECT_EQ(oom.zones[0].reserve_kb, 800);  // 200 pages
  EXPECT_EQ(oom.zones[0].state, ZoneState::below_min);
  EXPECT_EQ(oom.zones[1].reserve_kb, 0);
  ASSERT_EQ(oom.victims.size(), 1U);
  EXPECT_EQ(oom.victims[0].largest, true);
  EXPECT_THAT(ids(oom.freed), Contains("no-reaper-line"));
  EXPECT_THAT(ids(oom.next), Contains("one-process"));
  EXPECT_THAT(oom.missing, IsEmpty());
}

TEST(Explain, TableOfTheSlabReport) {
  const auto oom = first(report("7.2-slab.log"));
  ASSERT_TRUE(oom.memory);
  EXPECT_EQ(oom.memory->total, 65406 - 11845);
  EXPECT_EQ(amount_of(*oom.memory, "slab-unreclaimable"), 30966);
  EXPECT_EQ(amount_of(*oom.memory, "free-pcp"), 1129);
  EXPECT_EQ(amount_of(*oom.memory, "unmapped-shmem"), 191 - 159);
  EXPECT_THAT(ids(oom.cause), Contains("slab-unreclaimable"));
  EXPECT_THAT(text_of(oom.next, "slab"), HasSubstr("filp with 67 MiB"));
  // oom_badness(): 125 + 0 + 10 - 900 * (53561 / 1000)
  ASSERT_FALSE(oom.victims.empty());
  EXPECT_EQ(oom.victims[0].score.points, 135 - 900 * 53);
  EXPECT_EQ(oom.victims[0].largest, true);
  EXPECT_THAT(ids(oom.choice), Not(Contains("largest-adj")));  // the others have the same size
  EXPECT_THAT(ids(oom.freed), Contains("little"));
}

TEST(Explain, GroupOfCgroup2) {
  const auto oom = first(report("7.2-memcg.log"));
  EXPECT_EQ(oom.scope, OomScope::group);
  EXPECT_EQ(oom.group, "/lab");
  EXPECT_EQ(oom.task_group, "/lab/one");
  EXPECT_THAT(ids(oom.cause), Contains("group-ancestor"));
  EXPECT_THAT(ids(oom.cause), Contains("group-no-swap"));
  EXPECT_THAT(text_of(oom.cause, "group-limit"), HasSubstr("usage 65536 kB, limit 65536 kB"));
  ASSERT_TRUE(oom.memory);
  EXPECT_TRUE(oom.memory->group);
  EXPECT_EQ(oom.memory->total, 65536);
  EXPECT_EQ(amount_of(*oom.memory, "anon"), 65388);
  EXPECT_THAT(oom.zones, IsEmpty());
  EXPECT_EQ(oom.page_kb, 4);  // from the victim's total_vm
  // The limit is the total, because the group may not swap: 100 * (16384 / 1000).
  EXPECT_EQ(oom.victims.at(0).score.points, 13401 + 36 + 100 * 16);
  EXPECT_EQ(oom.next.front().id, "group-limit");
}

TEST(Explain, ScoreOfAGroupThatMaySwapIsUnknown) {
  const auto text = replaced(report("7.2-memcg.log"), "swap: usage 0kB, limit 0kB",
                             "swap: usage 0kB, limit 9007199254740988kB");
  const auto oom = first(text);
  EXPECT_FALSE(oom.victims.at(0).score.points);
  EXPECT_THAT(ids(oom.choice), Contains("score-unknown"));
  EXPECT_FALSE(oom.victims[0].largest);
}

TEST(Explain, GroupBelowItsLimit) {
  const auto near = first(replaced(report("7.2-memcg.log"), "usage 65536kB", "usage 65264kB"));
  EXPECT_THAT(text_of(near.cause, "group-limit"), HasSubstr("memory: usage 65264 kB"));
  const auto below = first(replaced(report("7.2-memcg.log"), "usage 65536kB", "usage 30000kB"));
  EXPECT_THAT(text_of(below.cause, "group-below-limit"), HasSubstr("memory: usage 30000 kB"));
}

TEST(Explain, WholeGroupIsKilled) {
  const auto oom = first(report("6.12-oom-group.log"));
  EXPECT_EQ(oom.victims.size(), 4U);  // five lines: the first victim is named twice
  EXPECT_THAT(text_of(oom.choice, "group-kill"), HasSubstr("/lab"));
}

TEST(Explain, OwnLimitOfAGroup) {
  const auto oom = first(report("6.1-memcg.log"));
  EXPECT_EQ(oom.group, "/box");
  EXPECT_THAT(ids(oom.cause), Contains("group-own"));
  EXPECT_EQ(oom.memory->total, 49152);
  EXPECT_EQ(oom.memory->unaccounted, 49152 - 50212864 / 1024 - 4096 / 1024 - 114688 / 1024);
}

TEST(Explain, GroupOfCgroup1) {
  const auto oom = first(*read_file(std::string(places::source) + "/tests/data/log/oom/memcg-3.10.log"));
  EXPECT_EQ(oom.scope, OomScope::group);
  EXPECT_FALSE(oom.memory);  // the report has the usage only
  EXPECT_THAT(text_of(oom.cause, "group-limit"), HasSubstr("usage 102400 kB, limit 102400 kB"));
  EXPECT_EQ(oom.victims.at(0).score.points, 25660);
  EXPECT_EQ(oom.victims.at(0).printed_score, 980);
  EXPECT_THAT(ids(oom.freed), Contains("no-reaper"));
}

TEST(Explain, GroupStatisticsOnOneLineAreAdded) {
  const std::string text =
      "[   10.000000] a invoked oom-killer: gfp_mask=0xd0(GFP_KERNEL), order=0, oom_score_adj=0\n"
      "[   10.000001] Task in /lab/one killed as a result of limit of /lab\n"
      "[   10.000002] memory: usage 1000kB, limit 1000kB, failcnt 7\n"
      "[   10.000003] kmem: usage 40kB, limit 9007199254740988kB, failcnt 0\n"
      "[   10.000004] Memory cgroup stats for /lab: cache:10KB rss:300KB\n"
      "[   10.000005] Memory cgroup stats for /lab/one: cache:20KB rss:600KB\n"
      "[   10.000006] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n";
  const auto oom = first(text);
  EXPECT_EQ(amount_of(*oom.memory, "anon"), 900);
  EXPECT_EQ(amount_of(*oom.memory, "file"), 30);
  EXPECT_EQ(amount_of(*oom.memory, "kernel"), 40);
  EXPECT_EQ(oom.memory->unaccounted, 30);
}

TEST(Explain, CpusetAndMemoryPolicy) {
  const auto boxed = first(report("6.12-cpuset.log"));
  EXPECT_EQ(boxed.scope, OomScope::cpuset);
  EXPECT_THAT(text_of(boxed.cause, "cpuset"), HasSubstr("nodes 1 only"));
  EXPECT_THAT(ids(boxed.cause), Contains("shown-nodes"));
  EXPECT_EQ(boxed.next.front().id, "cpuset");
  const auto bound = first(report("6.12-memory-policy.log"));
  EXPECT_EQ(bound.scope, OomScope::policy);
  EXPECT_THAT(text_of(bound.cause, "memory-policy"), HasSubstr("nodes 1 only"));
  ASSERT_EQ(bound.zones.size(), 1U);
  EXPECT_EQ(bound.zones[0].node, 1);
}

TEST(Explain, SysRq) {
  const auto oom = first(report("7.2-sysrq.log"));
  EXPECT_EQ(oom.scope, OomScope::sysrq);
  EXPECT_EQ(oom.cause.front().id, "sysrq");
  EXPECT_THAT(oom.zones, IsEmpty());
  EXPECT_EQ(ids(oom.next), std::vector<std::string>{"sysrq"});
  EXPECT_THAT(oom.missing, IsEmpty());
}

TEST(Explain, MemoryThatNoProcessOwns) {
  const auto huge = first(report("6.12-hugetlb.log"));
  EXPECT_EQ(amount_of(*huge.memory, "hugetlb"), 80 * 512);
  EXPECT_EQ(huge.next.front().id, "hugetlb");
  const auto pipes = first(report("6.12-pipes.log"));
  EXPECT_EQ(pipes.memory->unaccounted, 24132);
  EXPECT_THAT(ids(pipes.next), Contains("unaccounted"));
  const auto tmpfs = first(report("6.12-tmpfs.log"));
  EXPECT_THAT(ids(tmpfs.cause), Contains("shmem"));
  EXPECT_EQ(tmpfs.next.front().id, "tmpfs");
  const auto tables = first(report("6.12-page-tables.log"));
  EXPECT_THAT(ids(tables.cause), Contains("page-tables"));
  EXPECT_EQ(tables.next.front().id, "page-tables");
}

TEST(Explain, LargestProcessIsExempt) {
  const auto oom = first(report("6.12-mlock.log"));
  EXPECT_THAT(ids(oom.cause), Contains("unevictable"));
  EXPECT_THAT(text_of(oom.choice, "largest-exempt"), HasSubstr("locker (138)"));
  EXPECT_EQ(oom.exempt_processes, 1U);
  EXPECT_EQ(oom.exempt_rss, 30831);
  EXPECT_THAT(ids(oom.next), Contains("exempt"));
}

TEST(Explain, AllocatingTaskIsKilled) {
  const auto oom = first(report("6.12-allocating-task.log"));
  EXPECT_EQ(oom.choice.front().id, "allocating-task");
  EXPECT_FALSE(oom.victims.at(0).largest);
}

TEST(Explain, NothingIsKilled) {
  const auto none = first(report("6.12-no-killable.log"));
  EXPECT_THAT(none.victims, IsEmpty());
  EXPECT_EQ(ids(none.choice), (std::vector<std::string>{"no-killable", "largest-exempt", "deadlock"}));
  EXPECT_THAT(none.missing, IsEmpty());
  const auto panic = first(report("6.12-panic-on-oom.log"));
  EXPECT_EQ(ids(panic.choice), std::vector<std::string>{"panic"});
}

// A kernel that kills a child in place of the process that it chose.
TEST(Explain, ChildInPlaceOfItsParent) {
  const auto oom = first(report("6.1-order-2.log"));
  EXPECT_EQ(oom.order, 2);
  EXPECT_THAT(oom.cause.front().text, HasSubstr("4 pages (order 2, 16 KiB)"));
  EXPECT_THAT(ids(oom.choice), Contains("child"));
  EXPECT_THAT(ids(oom.choice), Contains("largest"));
  EXPECT_THAT(text_of(oom.choice, "score"), HasSubstr("hog (41): rss"));
}

TEST(Explain, RepeatedKillsThatFreeNothing) {
  const auto all = explain(report("6.1-frees-little.log"));
  ASSERT_GE(all.size(), 4U);
  EXPECT_THAT(ids(all[1].freed), Not(Contains("repeated-little")));
  EXPECT_THAT(ids(all[2].freed), Contains("repeated-little"));
  EXPECT_THAT(ids(all[2].next), Contains("elsewhere"));
  EXPECT_TRUE(all[1].since_last_s);
}

// Free memory is enough, but the blocks of this order and above are used up, or of a type that is reserved.
TEST(Explain, Fragmentation) {
  auto text = report("6.1-order-2.log");
  const auto zone = text.find("DMA32 free:") + 11;
  text.replace(zone, text.find("kB", zone) - zone, "20000");
  const auto blocks = text.find("DMA32: ") + 7;
  text.replace(
      blocks, text.find('\n', blocks) - blocks,
      "900*4kB (UME) 700*8kB (UM) 0*16kB 0*32kB 2*64kB (H) 0*128kB 0*256kB 0*512kB 0*1024kB 0*2048kB "
      "0*4096kB = 20000kB");
  const auto oom = first(text);
  ASSERT_EQ(oom.zones.size(), 1U);
  EXPECT_EQ(oom.zones[0].blocks, 0);
  EXPECT_EQ(oom.zones[0].state, ZoneState::fragmented);
  EXPECT_EQ(oom.next.front().id, "fragmentation");
  const auto served = first(replaced(text, "0*128kB", "1*128kB (U)"));
  EXPECT_EQ(served.zones.at(0).blocks, 1);
  EXPECT_EQ(served.zones[0].state, ZoneState::enough);
}

TEST(Explain, ReservedFreeMemory) {
  auto text = report("5.10-global.log");
  const auto zone = text.find("DMA32 free:");
  const auto value = [&](const std::string& key, const std::string& now) {
    const auto at = text.find(key, zone) + key.size();
    text.replace(at, text.find_first_of("kK", at) - at, now);
  };
  value("free:", "20000");
  value("reserved_highatomic:", "18000");
  const auto oom = first(text);
  EXPECT_EQ(oom.zones.at(1).unusable_kb, 18000);
  EXPECT_EQ(oom.zones[1].state, ZoneState::below_high);
  EXPECT_THAT(ids(oom.cause), Contains("reserved-free"));
}

TEST(Explain, Swap) {
  const auto report_of = [](const std::string& free) {
    return replaced(replaced(report("5.10-global.log"), "Free swap  = 0kB", "Free swap  = " + free + "kB"),
                    "Total swap = 0kB", "Total swap = 100000kB");
  };
  EXPECT_THAT(ids(first(report_of("12")).cause), Contains("swap-full"));
  EXPECT_THAT(ids(first(report_of("60000")).cause), Contains("swap-free"));
  EXPECT_THAT(ids(first(report_of("60000")).cause), Not(Contains("no-swap")));
}

TEST(Explain, Reaper) {
  const std::string killed =
      "[   20.000000] Out of memory: Killed process 9 (hog) total-vm:200kB, anon-rss:100kB, file-rss:8kB, "
      "shmem-rss:0kB, UID:0 pgtables:8kB oom_score_adj:0\n";
  const auto reaped = first(killed +
                            "[   22.500000] oom_reaper: reaped process 9 (hog), now anon-rss:0kB, "
                            "file-rss:8kB, shmem-rss:4kB\n");
  EXPECT_EQ(reaped.victims.at(0).left_shmem_kb, 4);
  EXPECT_NEAR(*reaped.victims[0].reaped_after_s, 2.5, 1e-6);
  EXPECT_THAT(text_of(reaped.freed, "reaped"), HasSubstr("2.5 s after the kill: 100 KiB of 100 KiB"));
  const auto failed = first(killed + "[   24.000000] oom_reaper: unable to reap pid:9 (hog)\n");
  EXPECT_EQ(failed.victims.at(0).reaped, false);
  EXPECT_THAT(ids(failed.freed), Contains("reaper-failed"));
  EXPECT_THAT(ids(failed.next), Contains("reaper-failed"));
  EXPECT_THAT(ids(failed.missing), Contains("tasks"));
}

TEST(Explain, LargerProcessThatWasKilledBefore) {
  const std::string text =
      "[   10.000000] Out of memory: Killed process 7 (old) total-vm:400kB, anon-rss:360kB, file-rss:0kB, "
      "shmem-rss:0kB, UID:0 pgtables:0kB oom_score_adj:0\n"
      "[   20.000000] x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
      "[   20.000001] DMA32: 1*4kB (U) 0*8kB = 4kB\n"
      "[   20.000002] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
      "[   20.000003] [      7]     0     7      100       90      4096        0             0 old\n"
      "[   20.000004] [      9]     0     9      100       50      4096        0             0 hog\n"
      "[   20.000005] Out of memory: Killed process 9 (hog) total-vm:400kB, anon-rss:200kB, file-rss:0kB, "
      "shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0\n";
  const auto all = explain(text);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].victims.at(0).largest, false);
  EXPECT_EQ(all[1].victims[0].larger->pid, 7);
  EXPECT_THAT(ids(all[1].choice), Contains("larger-killed-before"));
}

// Before 4.5 flags have no names; the bits of the zone are the same in all versions.
TEST(Explain, FlagsWithoutNames) {
  const auto text = replaced(report("5.10-global.log"), "(GFP_HIGHUSER_MOVABLE|__GFP_ZERO)", "");
  const auto oom = first(text);
  EXPECT_THAT(ids(oom.cause), Contains("gfp-unnamed"));
  EXPECT_EQ(oom.zones.at(0).reserve_kb, 800);
  EXPECT_EQ(oom.zones[0].state, ZoneState::below_min);
}

TEST(Explain, ZoneThatTheFlagsExclude) {
  const auto text =
      replaced(report("5.10-global.log"), "GFP_HIGHUSER_MOVABLE|__GFP_ZERO", "GFP_DMA|__GFP_IO");
  const auto oom = first(replaced(text, "0x100dca", "0x1"));
  EXPECT_EQ(oom.zones.at(1).state, ZoneState::excluded);
}

TEST(Explain, NamesOfTheGuestAreMadeSafe) {
  auto text = report("5.10-global.log");
  const std::string name = "\x1b[2J\xc2\x9b" + std::string("5m<b>");
  for (auto at = text.find("hog"); at != std::string::npos; at = text.find("hog", at + 1))
    text.replace(at, 3, name);
  const auto page = explanation_text(first(text), 80);
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_EQ(page.find("\xc2\x9b"), std::string::npos);
  EXPECT_THAT(page, HasSubstr("\\x1b[2J"));
}

TEST(Explain, RowsAddUpToTheTotal) {
  int tables = 0;
  for (const auto& [name, text] : all_reports()) {
    for (const auto& oom : explain(text)) {
      ASSERT_TRUE(oom.memory) << name;
      ASSERT_TRUE(oom.memory->total) << name;
      ASSERT_TRUE(oom.memory->unaccounted) << name;
      std::int64_t sum = 0;
      for (const auto& row : oom.memory->rows) sum += row.amount;
      EXPECT_EQ(sum, *oom.memory->total) << name;
      // A counter that is counted twice would make the rest negative, one that is forgotten large.
      EXPECT_GE(*oom.memory->unaccounted, 0) << name;
      if (name != "6.12-pipes.log") {
        EXPECT_LE(*oom.memory->unaccounted * 10, *oom.memory->total) << name;
      }
      ++tables;
    }
  }
  EXPECT_GE(tables, 20);
}

TEST(Explain, PagesFitInto80Columns) {
  for (const auto& [name, text] : all_reports()) {
    for (const auto& oom : explain(text)) {
      for (const std::size_t width : {std::size_t{60}, std::size_t{80}, std::size_t{200}}) {
        for (const auto& line : lines_of(explanation_text(oom, width)))
          EXPECT_LE(line.size() - 1, 80U) << name << ": " << line;
      }
      EXPECT_LE(oom.next.size(), 4U) << name;
    }
  }
}

// The numbers in an explanation that the whole report does not give are invented.
void expect_subset(const Explanation& cut, const Explanation& whole, const std::string& where) {
  const auto same = [&](const auto& now, const auto& then, const char* what) {
    if (now) {
      EXPECT_EQ(now, then) << what << " of " << where;
    }
  };
  same(cut.order, whole.order, "order");
  same(cut.page_kb, whole.page_kb, "page size");
  for (std::size_t i = 0; i < cut.zones.size(); ++i) {
    same(cut.zones[i].free_kb, whole.zones.at(i).free_kb, "free");
    same(cut.zones[i].min_kb, whole.zones[i].min_kb, "min");
    same(cut.zones[i].reserve_kb, whole.zones[i].reserve_kb, "reserve");
    same(cut.zones[i].blocks, whole.zones[i].blocks, "blocks");
    if (cut.zones[i].state != ZoneState::unknown) {
      EXPECT_EQ(cut.zones[i].state, whole.zones[i].state) << where;
    }
  }
  if (cut.memory && whole.memory && cut.memory->group == whole.memory->group) {
    same(cut.memory->total, whole.memory->total, "total");
    same(cut.memory->unaccounted, whole.memory->unaccounted, "unaccounted");
    for (const auto& row : cut.memory->rows) {
      if (row.id == "unaccounted") continue;
      EXPECT_LE(row.amount, amount_of(*whole.memory, row.id).value_or(-1)) << row.id << " of " << where;
    }
  }
  for (std::size_t i = 0; i < cut.victims.size(); ++i)
    EXPECT_EQ(cut.victims[i].id.pid, whole.victims.at(i).id.pid) << where;
}

TEST(Explain, CutAtEachLineInventsNothing) {
  for (const auto& [name, text] : all_reports()) {
    const auto whole = explain(text);
    std::string cut;
    const auto lines = lines_of(text);
    for (std::size_t n = 0; n < lines.size() && n < 60; ++n) {
      cut += lines[n];
      const auto parts = explain(cut);
      ASSERT_EQ(parts.empty(), whole.empty()) << name;
      ASSERT_LE(parts.size(), whole.size());
      expect_subset(parts.front(), whole.front(), fmt::format("{} after line {}", name, n + 1));
      EXPECT_NE(explanation_text(parts.front(), 80), "");
    }
  }
}

// Half of a number is another number.
TEST(Explain, CutWithinALineInventsNothing) {
  const auto text = report("7.2-slab.log");
  const auto whole = explain(text);
  const auto from = text.find("Mem-Info");
  for (std::size_t at = from; at < from + 3500; at += 3)
    expect_subset(explain(text.substr(0, at)).front(), whole.front(), fmt::format("byte {}", at));
}

TEST(Explain, WhatIsMissingIsNamed) {
  const auto lines = lines_of(report("5.10-global.log"));
  const auto only_head = first(lines[0]);
  EXPECT_EQ(ids(only_head.missing), (std::vector<std::string>{"memory-report", "tasks", "kill"}));
  EXPECT_FALSE(only_head.memory);
  EXPECT_EQ(only_head.scope, OomScope::unknown);
  const auto table = first(
      "[    1.000000] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
      "oom_score_adj name\n");
  EXPECT_THAT(ids(table.missing), Contains("first-line"));
  EXPECT_THAT(ids(table.missing), Contains("rows"));
}

// Reports of other people: read, never stored here.
TEST(Explain, PublicReports) {
  const std::string folder = std::string(places::source) + "/../shared/public-logs/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "there is no ../shared/public-logs";
  const auto old = first(*read_file(folder + "01-oom-global-3.13-kernlog.log"));
  EXPECT_EQ(old.memory->total, 130972 - 5503);
  EXPECT_EQ(old.victims.at(0).score.points, 80359 + 301);
  // 80660 of 125469 pages are 642 thousandths, less 3 % for root.
  EXPECT_EQ(old.victims[0].printed_score, 642 * 97 / 100 + 1);
  EXPECT_EQ(old.zones.at(0).state, ZoneState::below_min);  // 1964 <= 88 + 471 * 4
  const auto low = first(*read_file(folder + "03-oom-i386-mkfs-mailwrap.log"));
  EXPECT_EQ(low.zones.at(2).state, ZoneState::excluded);
  EXPECT_EQ(low.zones[0].reserve_kb, 824 * 4);
  EXPECT_EQ(low.next.front().id, "low-memory");
  const auto group = first(*read_file(folder + "05-memcg-5.2-quoted.log"));
  EXPECT_EQ(group.memory->unaccounted, 524288 - 516948 - 80 - 7260);
  EXPECT_EQ(group.victims.at(0).score.points, 126942 + 519670 + 5226496 / 4096);
  EXPECT_EQ(group.victims[0].reaped, true);
}

}  // namespace
}  // namespace hangar::log
