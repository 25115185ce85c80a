// SPDX-License-Identifier: GPL-2.0-only
#include <functional>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/log/infer/read.h"
#include "harness/log/parse/detect.h"
#include "harness/log/parse/frame.h"
#include "harness/log/parse/hung.h"
#include "harness/log/parse/memalloc.h"
#include "harness/log/parse/oom_fields.h"
#include "harness/log/parse/stack.h"
#include "harness/log/parse/sysrq.h"

// A number outside its range is not that field: it is absent, never wrapped or clamped.
namespace hangar::log {
namespace {

using testing::HasSubstr;
using testing::Not;
using Read = std::function<std::optional<std::int64_t>(const std::string& number)>;

const std::string overflows[] = {"9223372036854775807", "9223372036854775808", "18446744073709551615",
                                 "18446744073709551616", std::string(40, '9')};

void check(const std::string& what, const Range& range, const Read& read) {
  EXPECT_EQ(read(std::to_string(range.most)), range.most) << what;
  EXPECT_EQ(read(std::to_string(range.least)), range.least) << what;
  EXPECT_EQ(read(std::to_string(range.most + 1)), std::nullopt) << what;
  EXPECT_EQ(read(std::to_string(range.least - 1)), std::nullopt) << what;
  EXPECT_EQ(read("-9223372036854775808"), std::nullopt) << what;
  for (const auto& number : overflows) EXPECT_EQ(read(number), std::nullopt) << what << " " << number;
}

// A PID that is none reads as -1.
std::optional<std::int64_t> pid_or_none(std::int64_t pid) {
  return pid < 0 ? std::nullopt : std::optional(pid);
}

template <typename T>
Read in_kill(const std::string& pattern, T OomKill::*field) {
  return [=](const std::string& number) {
    OomKill kill;
    std::string_view before;
    const std::string text = fmt::format(fmt::runtime(pattern), number);
    EXPECT_TRUE(parse_kill(text, kill, before)) << text;
    return kill.*field;
  };
}

TEST(Bounds, KillLine) {
  const auto field = [](const std::string& key) { return "Killed process 41 (hog) total-vm:1kB, " + key; };
  check("total-vm", limits::virtual_kb,
        in_kill("Killed process 41 (hog) total-vm:{}kB", &OomKill::total_vm_kb));
  check("vsz", limits::virtual_kb, in_kill("Killed process 41 (hog) vsz:{}kB", &OomKill::total_vm_kb));
  check("anon-rss", limits::kb, in_kill(field("anon-rss:{}kB"), &OomKill::anon_rss_kb));
  check("file-rss", limits::kb, in_kill(field("file-rss:{}kB"), &OomKill::file_rss_kb));
  check("shmem-rss", limits::kb, in_kill(field("shmem-rss:{}kB"), &OomKill::shmem_rss_kb));
  check("pgtables", limits::kb, in_kill(field("pgtables:{}kB"), &OomKill::pgtables_kb));
  check("UID", limits::uid, in_kill(field("UID:{} "), &OomKill::uid));
  check("oom_score_adj", limits::oom_score_adj, in_kill(field("oom_score_adj:{}"), &OomKill::oom_score_adj));
}

TEST(Bounds, PidOfEachLineThatNamesATask) {
  check("kill", limits::pid, [](const std::string& number) {
    OomKill kill;
    std::string_view before;
    EXPECT_TRUE(parse_kill("Killed process " + number + " (hog) total-vm:1kB", kill, before));
    return pid_or_none(kill.pid);
  });
  check("chosen", limits::pid, [](const std::string& number) {
    const auto victim =
        parse_chosen_victim("oom-kill:constraint=CONSTRAINT_NONE,task=hog,pid=" + number + ",uid=0");
    EXPECT_TRUE(victim);
    return pid_or_none(victim ? victim->pid : -1);
  });
  check("reaper", limits::pid, [](const std::string& number) {
    OomReap reap;
    EXPECT_TRUE(parse_reaper("oom_reaper: reaped process " + number + " (hog), now anon-rss:0kB", reap));
    return pid_or_none(reap.pid);
  });
  check("hung task", limits::pid, [](const std::string& number) {
    const auto hung = parse_hung_task("INFO: task hog:" + number + " blocked for more than 120 seconds.");
    EXPECT_TRUE(hung);
    return pid_or_none(hung ? hung->pid : -1);
  });
  check("MemAlloc", limits::pid, [](const std::string& number) {
    MemAllocTask task;
    EXPECT_TRUE(parse_memalloc_task("MemAlloc: hog(" + number + ") seq=1", task));
    return pid_or_none(task.pid);
  });
  check("locks", limits::pid, [](const std::string& number) {
    const auto holder = parse_holder("2 locks held by hog/" + number + ":");
    EXPECT_TRUE(holder);
    return pid_or_none(holder ? holder->pid : -1);
  });
  check("task line", limits::pid, [](const std::string& number) {
    const auto task =
        parse_task_line("task:hog             state:D stack:0     pid:" + number + "    ppid:39");
    EXPECT_TRUE(task);
    return pid_or_none(task ? task->pid : -1);
  });
  check("CPU line", limits::pid, [](const std::string& number) {
    const auto task = parse_task_line("CPU: 0 PID: " + number + " Comm: hog Not tainted 6.1.0 #1");
    EXPECT_TRUE(task);
    return pid_or_none(task ? task->pid : -1);
  });
}

TEST(Bounds, TaskTable) {
  const auto columns = parse_table_header(
      "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name");
  const auto at = [&](const char* row, std::optional<std::int64_t> OomTask::*field) {
    return [=](const std::string& number) {
      OomTask task;
      EXPECT_TRUE(parse_table_row(fmt::format(fmt::runtime(row), number), columns, task)) << number;
      EXPECT_EQ(task.name, "hog");
      return task.*field;
    };
  };
  check("pid", limits::pid, [&](const std::string& number) {
    OomTask task;
    EXPECT_TRUE(parse_table_row("[" + number + "] 0 41 9 8 7 6 5 hog", columns, task));
    return pid_or_none(task.pid);
  });
  check("uid", limits::uid, at("[ 41] {} 41 9 8 7 6 5 hog", &OomTask::uid));
  check("tgid", limits::pid, at("[ 41] 0 {} 9 8 7 6 5 hog", &OomTask::tgid));
  check("total_vm", limits::virtual_pages, at("[ 41] 0 41 {} 8 7 6 5 hog", &OomTask::total_vm_pages));
  check("rss", limits::pages, at("[ 41] 0 41 9 {} 7 6 5 hog", &OomTask::rss_pages));
  check("pgtables", limits::bytes, at("[ 41] 0 41 9 8 {} 6 5 hog", &OomTask::pgtables_bytes));
  check("swapents", limits::pages, at("[ 41] 0 41 9 8 7 {} 5 hog", &OomTask::swapents));
  check("adj", limits::oom_score_adj, at("[ 41] 0 41 9 8 7 6 {} hog", &OomTask::oom_score_adj));
}

TEST(Bounds, MemoryReport) {
  const auto at = [](const char* line, std::optional<std::int64_t> OomZone::*field) {
    return [=](const std::string& number) {
      OomZone zone;
      EXPECT_TRUE(parse_zone(fmt::format(fmt::runtime(line), number), zone)) << number;
      return zone.*field;
    };
  };
  check("free", limits::kb, at("Node 0 DMA free:{}kB min:4kB", &OomZone::free_kb));
  check("min", limits::kb, at("Node 0 DMA free:1kB min:{}kB", &OomZone::min_kb));
  check("low", limits::kb, at("Node 0 DMA free:1kB low:{}kB", &OomZone::low_kb));
  check("high", limits::kb, at("Node 0 DMA free:1kB high:{}kB", &OomZone::high_kb));
  check("node", limits::node, [](const std::string& number) -> std::optional<std::int64_t> {
    OomZone zone;
    EXPECT_TRUE(parse_zone("Node " + number + " DMA free:1kB", zone));
    return zone.node;
  });
}

TEST(Bounds, Invocation) {
  const auto head = [](const std::string& text) {
    OomEpisode episode;
    EXPECT_TRUE(parse_invoked("hog invoked oom-killer: gfp_mask=0x1, " + text, episode));
    return episode;
  };
  check("order", limits::order, [&](const std::string& number) -> std::optional<std::int64_t> {
    return head("order=" + number + ", oom_score_adj=0").order;
  });
  check("oom_score_adj", limits::oom_score_adj,
        [&](const std::string& number) { return head("order=0, oom_score_adj=" + number).oom_score_adj; });
  check("score", limits::oom_score, [](const std::string& number) {
    TaskId task;
    std::optional<std::int64_t> score;
    EXPECT_TRUE(parse_chosen("Out of memory: Kill process 41 (hog) score " + number + " or sacrifice child",
                             task, score));
    return score;
  });
}

TEST(Bounds, MemAllocInfo) {
  check("exiting", limits::tasks, [](const std::string& number) {
    MemAlloc report;
    EXPECT_TRUE(
        parse_memalloc_head("MemAlloc-Info: stalling=1 dying=0 exiting=" + number + " victim=0", report));
    return report.exiting;
  });
  check("oom_count", limits::count, [](const std::string& number) {
    MemAlloc report;
    EXPECT_TRUE(parse_memalloc_head("MemAlloc-Info: stalling=1 dying=0 oom_count=" + number, report));
    return report.oom_count;
  });
  const auto stalled = [](const std::string& rest) {
    MemAllocTask task;
    EXPECT_TRUE(parse_memalloc_task("MemAlloc: hog(41) " + rest, task));
    return task;
  };
  check("seq", limits::count_32, [&](const std::string& number) { return stalled("seq=" + number).seq; });
  check("order", limits::order, [&](const std::string& number) -> std::optional<std::int64_t> {
    return stalled("order=" + number).order;
  });
  check("delay", limits::milliseconds, [&](const std::string& number) -> std::optional<std::int64_t> {
    const auto delay = stalled("delay=" + number).delay_s;
    return delay ? std::optional(static_cast<std::int64_t>(*delay * 1000)) : std::nullopt;
  });
  EXPECT_FALSE(stalled("delay=4294967296.5s").delay_s);
}

// Its counts are what a report is for: with one that is none it is no report.
TEST(Bounds, MemAllocInfoCounts) {
  for (const char* pattern :
       {"MemAlloc-Info: {} stalling task, 1 dying task, 1 victim task.",
        "MemAlloc-Info: 1 stalling task, {} dying task, 1 victim task.",
        "MemAlloc-Info: 1 stalling task, 1 dying task, {} victim task.",
        "MemAlloc-Info: stalling={} dying=1 victim=1", "MemAlloc-Info: stalling=1 dying={} victim=1",
        "MemAlloc-Info: stalling=1 dying=1 victim={}"}) {
    const auto parses = [&](const std::string& number) {
      MemAlloc report;
      return parse_memalloc_head(fmt::format(fmt::runtime(pattern), number), report);
    };
    EXPECT_TRUE(parses("4194304")) << pattern;
    for (const std::string number : {"4194305", "-1", "9223372036854775807", "99999999999999999999"})
      EXPECT_FALSE(parses(number)) << pattern << " " << number;
  }
}

TEST(Bounds, Detectors) {
  check("blocked", limits::seconds, [](const std::string& number) -> std::optional<std::int64_t> {
    const auto hung = parse_hung_task("INFO: task hog:41 blocked for more than " + number + " seconds.");
    EXPECT_TRUE(hung);
    if (!hung || !hung->blocked_s) return std::nullopt;
    return static_cast<std::int64_t>(*hung->blocked_s);
  });
  const auto lockup = [](const std::string& text) { return parse_lockup(text).value_or(Lockup{}); };
  check("CPU", limits::cpu, [&](const std::string& number) -> std::optional<std::int64_t> {
    return lockup("watchdog: BUG: soft lockup - CPU#" + number + " stuck for 22s! [hog:41]").cpu;
  });
  check("hard CPU", limits::cpu, [&](const std::string& number) -> std::optional<std::int64_t> {
    return lockup("Watchdog detected hard LOCKUP on cpu " + number).cpu;
  });
  check("stuck", limits::seconds, [&](const std::string& number) -> std::optional<std::int64_t> {
    const auto stuck =
        lockup("watchdog: BUG: soft lockup - CPU#1 stuck for " + number + "s! [hog:41]").stuck_s;
    return stuck ? std::optional(static_cast<std::int64_t>(*stuck)) : std::nullopt;
  });
  check("stalls", limits::milliseconds, [](const std::string& number) -> std::optional<std::int64_t> {
    AllocTrouble trouble;
    if (!parse_alloc_trouble("hog: page allocation stalls for " + number + "ms, order:0", trouble)) return {};
    return static_cast<std::int64_t>(*trouble.stalled_s * 1000);
  });
  check("dropped", limits::count_32, [](const std::string& number) -> std::optional<std::int64_t> {
    const auto dropped = parse_dropped("** " + number + " printk messages dropped **");
    return dropped ? std::optional(static_cast<std::int64_t>(*dropped)) : std::nullopt;
  });
}

// Offsets and sizes are hexadecimal.
TEST(Bounds, FramesOfStacks) {
  const auto frame = [](const std::string& offset, const std::string& size) {
    return parse_frame(" shrink_node+0x" + offset + "/0x" + size).has_value();
  };
  EXPECT_TRUE(frame("100000000", "100000000"));
  EXPECT_FALSE(frame("100000001", "1"));
  EXPECT_FALSE(frame("1", "100000001"));
  EXPECT_FALSE(frame("ffffffffffffffff", "1"));
  EXPECT_FALSE(frame("10000000000000000", "1"));
  EXPECT_FALSE(frame("-1", "1"));
  EXPECT_TRUE(parse_frame(" " + std::string(limits::symbol, 'a') + "+0x1/0x2"));
  EXPECT_FALSE(parse_frame(" " + std::string(limits::symbol + 1, 'a') + "+0x1/0x2"));
}

TEST(Bounds, PrintkTime) {
  const auto seconds = [](const std::string& number) {
    return analyse("[" + number + ".000000] a line\n").boots[0].first_s;
  };
  EXPECT_EQ(seconds("4294967295"), 4294967295.0);
  EXPECT_EQ(seconds("4294967296"), std::nullopt);
  EXPECT_EQ(seconds("18446744073"), std::nullopt) << "a clock that wrapped";
  EXPECT_EQ(seconds("-1"), std::nullopt);
}

TEST(Bounds, NamesAreCut) {
  const std::string name(5000, 'x');
  EXPECT_EQ(parse_hung_task("INFO: task " + name + ":41 blocked for more than 120 seconds.")->comm.size(),
            limits::comm);
  EXPECT_EQ(parse_banner("Linux version 6" + name)->size(), limits::release);
  EXPECT_EQ(parse_panic("Kernel panic - not syncing: " + name)->size(), limits::message);
}

// The log of the review: the sum of the fields wrapped to 3 kB, which was reported as certain.
TEST(Bounds, FindingRestsOnNoNumberThatIsNone) {
  const auto findings = [](const std::string& fields) {
    return analyse("[    1.000000] Out of memory: Killed process 42 (hog) total-vm:9kB, " + fields + "\n")
        .boots[0]
        .findings;
  };
  const std::string huge = "9223372036854775807kB";
  EXPECT_TRUE(findings("anon-rss:" + huge + ", file-rss:" + huge + ", shmem-rss:5kB").empty());
  EXPECT_TRUE(findings("anon-rss:3kB, file-rss:" + huge + ", shmem-rss:0kB").empty());
  EXPECT_TRUE(findings("anon-rss:3kB, file-rss:0kB, shmem-rss:" + huge).empty());
  EXPECT_TRUE(findings("anon-rss:-3kB, file-rss:0kB, shmem-rss:0kB").empty());
  ASSERT_EQ(findings("anon-rss:3kB, file-rss:0kB, shmem-rss:0kB").size(), 1U);
  EXPECT_THAT(findings("anon-rss:3kB, file-rss:0kB")[0].text, HasSubstr("3 kB resident"));
}

// Every number of each line at its largest: sums and products stay within 64 bits (UBSan sees the rest).
TEST(Bounds, LargestNumbersTogether) {
  const std::string kb = std::to_string(limits::kb.most);
  const auto facts = analyse(
      "[4294967295.000000] hog invoked oom-killer: gfp_mask=0x1, order=0\n"
      "[4294967295.000000] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
      "[4294967295.000000] [4194304] 0 1 1 " +
      std::to_string(limits::pages.most) +
      " 1 1 0 big\n"
      "[4294967295.000000] Out of memory: Killed process 42 (hog) total-vm:9kB, anon-rss:" +
      kb + "kB, file-rss:" + kb + "kB, shmem-rss:" + kb +
      "kB\n"
      "[4294967295.000000] INFO: task hog:41 blocked for more than 4294967295 seconds.\n"
      "[4294967295.000000] MemAlloc-Info: stalling=4194304 dying=4194304 victim=0\n");
  EXPECT_EQ(facts.boots[0].oom.at(0).kills.at(0).resident_kb, 3 * limits::kb.most);
  EXPECT_EQ(facts.boots[0].hung_tasks.at(0).blocked_s, 4294967295.0);
  for (const auto& finding : facts.boots[0].findings) EXPECT_THAT(finding.text, Not(HasSubstr("-")));
}

// Without its PID nothing is concluded of a victim.
TEST(Bounds, VictimWithoutPid) {
  const auto facts = analyse(
      "[    1.000000] Out of memory: Killed process 99999999 (hog) total-vm:9kB, anon-rss:90000kB, "
      "file-rss:0kB\n"
      "[    2.000000] oom_reaper: reaped process 99999999 (hog), now anon-rss:0kB, file-rss:0kB\n"
      "[    3.000000] hog invoked oom-killer: gfp_mask=0x1, order=0\n"
      "[    3.000001] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
      "[    3.000002] [    1]     0     1     4000      100       1        0             0 init\n"
      "[    3.000003] Out of memory: Killed process 41 (b) total-vm:9kB, anon-rss:90000kB, file-rss:0kB\n");
  const auto& first = facts.boots[0].oom.at(0);
  ASSERT_EQ(first.kills.size(), 1U);
  EXPECT_EQ(first.kills[0].pid, -1);
  EXPECT_FALSE(first.kills[0].exited);
  ASSERT_EQ(first.reaped.size(), 1U);
  EXPECT_FALSE(first.reaped[0].after_kill_s);
}

}  // namespace
}  // namespace hangar::log
