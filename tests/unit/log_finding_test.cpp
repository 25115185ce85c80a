// SPDX-License-Identifier: GPL-2.0-only
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/log/infer/read.h"

// Each finding on a log of its own, and on the nearest log that must not have it.
namespace hangar::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Lines of a log, each with its time.
class Log {
 public:
  Log& at(double seconds, const std::string& text) {
    text_ += fmt::format("[{:12.6f}] {}\n", seconds, text);
    return *this;
  }
  Log& stack(double seconds, const std::string& comm, int pid, int ppid,
             const std::vector<std::string>& frames) {
    at(seconds,
       fmt::format("task:{:<15} state:D stack:0     pid:{:<5} ppid:{:<6} flags:0x00004000", comm, pid, ppid));
    at(seconds, "Call Trace:");
    for (const auto& frame : frames) at(seconds, " " + frame + "+0x12/0x340");
    return *this;
  }
  [[nodiscard]] LogFacts facts() const { return analyse(text_); }
  [[nodiscard]] std::vector<Finding> findings(const std::string& id) const {
    std::vector<Finding> all;
    const LogFacts whole = facts();
    for (const auto& finding : whole.boots.at(0).findings) {
      if (finding.id == id) all.push_back(finding);
    }
    return all;
  }

 private:
  std::string text_;
};

Log with_kill() {
  Log log;
  log.at(10, "hog invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0");
  log.at(10, "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name");
  log.at(10, "[     41]     0    41   123456    60000   499712        0             0 hog");
  log.at(10,
         "Out of memory: Killed process 41 (hog) total-vm:493824kB, anon-rss:240000kB, file-rss:0kB, "
         "shmem-rss:0kB");
  return log;
}

const std::vector<std::string> waits_to_write = {"__schedule", "rwsem_down_write_slowpath", "vm_mmap_pgoff"};
const std::vector<std::string> allocates = {"__schedule", "__alloc_pages", "handle_mm_fault",
                                            "do_user_addr_fault"};

// The unwinder was at a task that was just switched: it has the scheduler's frames, and guesses the others.
TEST(Finding, MmapLockLivelockOfATaskThatIsBeingSwitched) {
  Log log = with_kill();
  log.at(20, "sysrq: Show Blocked State");
  log.stack(20, "hog", 41, 39, waits_to_write);
  log.stack(20, "hog", 42, 39,
            {"__schedule", "schedule", "? __alloc_pages", "? handle_mm_fault", "? do_user_addr_fault"});
  ASSERT_EQ(log.findings("mmap-lock-livelock").size(), 1U);
  Log unwound = with_kill();
  unwound.at(20, "sysrq: Show Blocked State");
  unwound.stack(20, "hog", 41, 39, waits_to_write);
  unwound.stack(20, "hog", 42, 39, {"__schedule", "do_nanosleep", "? __alloc_pages", "? handle_mm_fault"});
  EXPECT_TRUE(unwound.findings("mmap-lock-livelock").empty()) << "where it is, is known";
}

TEST(Finding, MmapLockLivelock) {
  Log log = with_kill();
  log.at(20, "sysrq: Show Blocked State");
  log.stack(20, "hog", 41, 39, waits_to_write).stack(20, "hog", 42, 39, allocates);
  const auto found = log.findings("mmap-lock-livelock");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].certainty, Certainty::probable);
  EXPECT_THAT(found[0].text, HasSubstr("probably held by thread 42, waiting for memory in the allocator"));
  EXPECT_THAT(found[0].text, HasSubstr("Waiting to write: 41."));
  EXPECT_THAT(found[0].lines, ElementsAre(4U, 6U, 11U));
}

TEST(Finding, NoLivelockWithoutAHolder) {
  Log log = with_kill();
  log.at(20, "sysrq: Show Blocked State");
  log.stack(20, "hog", 41, 39, waits_to_write).stack(20, "hog", 42, 39, waits_to_write);
  EXPECT_TRUE(log.findings("mmap-lock-livelock").empty());
  Log others = with_kill();
  others.stack(20, "hog", 41, 39, waits_to_write).stack(20, "other", 43, 40, allocates);
  EXPECT_TRUE(others.findings("mmap-lock-livelock").empty()) << "another process";
}

TEST(Finding, NoLivelockOfStacksBeforeTheKill) {
  Log log;
  log.stack(5, "hog", 41, 39, waits_to_write).stack(5, "hog", 42, 39, allocates);
  log.at(10, "Out of memory: Killed process 41 (hog) total-vm:493824kB, anon-rss:240000kB, file-rss:0kB");
  EXPECT_TRUE(log.findings("mmap-lock-livelock").empty());
}

TEST(Finding, SilentHang) {
  Log log;
  log.at(1, "Run /init as init process");
  for (const int second : {20, 30, 40}) log.at(second, "MemAlloc-Info: stalling=3 dying=0 victim=0");
  log.at(50, "MemAlloc-Info: stalling=0 dying=0 victim=0").at(60, "a line");
  const auto found = log.findings("silent-hang");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(
      found[0].text,
      "Allocations stalled from 20 s to 50 s and the OOM killer killed no process; it ended by itself.");
  EXPECT_TRUE(
      with_kill().at(12, "MemAlloc-Info: stalling=3 dying=0 victim=1").findings("silent-hang").empty());
}

TEST(Finding, SilentHangThatSysRqEnded) {
  Log log;
  log.at(1, "Run /init as init process");
  for (const int second : {20, 30}) log.at(second, "MemAlloc-Info: stalling=3 dying=0 victim=0");
  log.at(35, "sysrq: Manual OOM execution");
  log.at(35.1, "kworker/0:1 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0");
  log.at(35.2, "Out of memory: Killed process 41 (hog) total-vm:9kB, anon-rss:240000kB, file-rss:0kB");
  log.at(40, "MemAlloc-Info: stalling=0 dying=0 victim=0");
  const auto found = log.findings("silent-hang");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].text, HasSubstr("a manual OOM kill (SysRq-f) ended it"));
}

TEST(Finding, VictimFreesLittle) {
  const auto with = [](const std::string& rss) {
    Log log;
    log.at(10, "hog invoked oom-killer: gfp_mask=0x140dca, order=0, oom_score_adj=0");
    log.at(10, "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name");
    log.at(10, "[     41]     0    41   123456    50000   499712        0             0 hog");
    log.at(10, "[     42]     0    42      123        1     4096        0          1000 small");
    log.at(10, "Out of memory: Killed process 42 (small) total-vm:492kB, anon-rss:" + rss +
                   "kB, file-rss:0kB, shmem-rss:0kB");
    return log.findings("victim-frees-little");
  };
  ASSERT_EQ(with("4").size(), 1U);
  EXPECT_EQ(with("4")[0].text,
            "Killing small (42) frees next to nothing: 4 kB resident, while hog (41) holds 200000 kB.");
  EXPECT_EQ(with("1023").size(), 1U);
  EXPECT_EQ(with("1999").size(), 1U) << "less than a hundredth of the biggest";
  EXPECT_TRUE(with("2000").empty());
}

TEST(Finding, DyingTasksInAllocator) {
  Log log;
  log.at(20, "MemAlloc-Info: stalling=5 dying=4 victim=1")
      .at(30, "MemAlloc-Info: stalling=9 dying=7 victim=1");
  const auto found = log.findings("dying-tasks-in-allocator");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].text,
              HasSubstr("7 dying tasks compete in the allocator (9 stalling), and only 1 of them"));
  EXPECT_THAT(found[0].lines, ElementsAre(1U, 2U));
  EXPECT_TRUE(Log()
                  .at(20, "MemAlloc-Info: stalling=5 dying=1 victim=1")
                  .findings("dying-tasks-in-allocator")
                  .empty());
}

TEST(Finding, ChildSacrificed) {
  const auto with = [](int killed) {
    Log log;
    log.at(10, "Out of memory: Kill process 37 (parent) score 890 or sacrifice child");
    log.at(10, fmt::format("Killed process {} (child) total-vm:432400kB, anon-rss:240000kB, file-rss:0kB",
                           killed));
    return log.findings("child-sacrificed");
  };
  ASSERT_EQ(with(38).size(), 1U);
  EXPECT_EQ(with(38)[0].text,
            "child (38) was killed in place of its parent parent (37), which the OOM killer had chosen.");
  EXPECT_TRUE(with(37).empty());
}

TEST(Finding, ReaperFailed) {
  Log log = with_kill();
  log.at(12, "oom_reaper: unable to reap pid:41 (hog)").at(13, "oom_reaper: unable to reap pid:41 (hog)");
  EXPECT_EQ(log.findings("reaper-failed").size(), 1U) << "once a victim";
  EXPECT_TRUE(with_kill()
                  .at(12, "oom_reaper: reaped process 41 (hog), now anon-rss:0kB")
                  .findings("reaper-failed")
                  .empty());
}

TEST(Finding, CommonWait) {
  const auto with = [](int there, int elsewhere) {
    Log log = with_kill();
    log.at(20, "sysrq: Show Blocked State");
    for (int i = 0; i < there + elsewhere; ++i) {
      const std::string where = i < there ? "out_of_memory" : fmt::format("wait_{}", i);
      log.stack(20, "task", 100 + i, 1, {"__schedule", where});
    }
    return log.findings("common-wait");
  };
  ASSERT_EQ(with(3, 3).size(), 1U);
  EXPECT_EQ(with(3, 3)[0].text, "3 of 6 blocked tasks sit in out_of_memory.");
  EXPECT_TRUE(with(3, 4).empty()) << "less than half";
  EXPECT_TRUE(with(4, 0).empty()) << "fewer than five tasks";
}

TEST(Finding, LinesMissingInBetweenMakeItLessCertain) {
  Log log;
  log.at(10, "hog invoked oom-killer: gfp_mask=0x140dca, order=0, oom_score_adj=0");
  log.at(10, "** 5 printk messages dropped **");
  log.at(10, "Out of memory: Killed process 42 (small) total-vm:492kB, anon-rss:4kB, file-rss:0kB");
  ASSERT_EQ(log.findings("victim-frees-little").size(), 1U);
  EXPECT_EQ(log.findings("victim-frees-little")[0].certainty, Certainty::probable);
}

TEST(Finding, VictimMmPinned) {
  Log log = with_kill();
  log.at(10, "oom killer 41 (hog) has mm pinned by 1 (init)");
  const auto found = log.findings("victim-mm-pinned");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].text, HasSubstr("Killing hog (41) does not free its memory: init (1) shares its mm"));
  EXPECT_THAT(found[0].lines, ElementsAre(4U, 5U));
  Log other = with_kill();
  other.at(10, "oom killer 42 (hog) has mm pinned by 1 (init)");
  EXPECT_TRUE(other.findings("victim-mm-pinned").empty()) << "not of this kill";
}

}  // namespace
}  // namespace hangar::log
