// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/log/infer/read.h"
#include "harness/log/render/json.h"
#include "tests/places.h"

// Properties of any log, over generated ones and those of tests/data/log.
namespace hangar::log {
namespace {

// What a log is made of, in any order.
const std::vector<std::string> pieces = {
    R"(hog invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0
CPU: 0 PID: 41 Comm: hog Not tainted 6.1.192 #1
Node 0 DMA free:15904kB min:44kB low:56kB high:68kB
[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[     41]     0    41   123456    60000   499712        0             0 hog
oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,task=hog,pid=41,uid=0
Out of memory: Killed process 41 (hog) total-vm:493824kB, anon-rss:240000kB, file-rss:0kB, shmem-rss:0kB, UID:0
oom_reaper: reaped process 41 (hog), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB
)",
    R"(MemAlloc-Info: 2 stalling task, 1 dying task, 1 victim task.
MemAlloc: hog(41) seq=213 order=0 gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE) delay=16700ms dying victim
task:hog             state:D stack:0     pid:41    ppid:39     flags:0x00004006
Call Trace:
 <TASK>
 __schedule+0x1fb/0x580
 __alloc_pages+0x750/0xc10
 </TASK>
)",
    R"(INFO: task writer:43 blocked for more than 120 seconds.
      Not tainted 6.1.192 #1
task:writer          state:D stack:0     pid:43    ppid:39     flags:0x00004000
Call Trace:
 <TASK>
 rwsem_down_write_slowpath+0x1fb/0x580
 </TASK>
)",
    R"(BUG: kernel NULL pointer dereference, address: 0000000000000008
#PF: supervisor read access in kernel mode
CPU: 1 PID: 44 Comm: writer Not tainted 6.1.192 #1
RIP: 0010:shrink_node+0x12/0x340
Call Trace:
 <TASK>
 do_try_to_free_pages+0xd5/0x2b0
 </TASK>
---[ end trace 0000000000000000 ]---
)",
    R"(watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [hog:41]
Call Trace:
 <TASK>
 shrink_node+0x11/0x60
 </TASK>
)",
    R"(sysrq: Show Memory
Mem-Info:
Node 0 DMA free:15904kB min:44kB low:56kB high:68kB
)",
    R"(sysrq: Show Locks Held
1 lock held by writer/43:
 #0: ffff88807c5f2aa8 (&mm->mmap_lock){++++}-{3:3}, at: f+0x1/0x2
)",
    R"(writer: page allocation failure: order:3, mode:0xcc0(GFP_KERNEL), nodemask=(null)
)",
    R"(random: crng init done
)",
};

std::string generated(unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  double clock_s = 0;
  const auto add = [&](std::string_view piece) {
    for (std::size_t at = 0; at < piece.size();) {
      const auto end = piece.find('\n', at);
      clock_s += 1e-5;
      text += fmt::format("[{:12.6f}] {}\n", clock_s, piece.substr(at, end - at));
      at = end + 1;
    }
  };
  add("Linux version 6.1.192 (gcc (Debian 12.2.0) 12.2.0) #1 SMP\nRun /init as init process\n");
  for (int i = 0; i < 8; ++i) {
    clock_s += static_cast<double>(random() % 20'000) / 1000;
    add(pieces[random() % pieces.size()]);
  }
  clock_s += 20;
  add("reboot: Restarting system\n");
  return text;
}

std::vector<std::string> fixtures() {
  std::vector<std::string> all;
  const auto root = std::filesystem::path(places::source) / "tests/data/log";
  for (const char* folder : {"crash", "ends", "oom"}) {
    for (const auto& entry : std::filesystem::directory_iterator(root / folder))
      all.push_back(*read_file(entry.path()));
  }
  return all;
}

// What happened, and on which line. Titles and numbers may be cut; where a log ends before init, or with an
// open hang, it looks like a boot that stopped or a hang that went on (README.md).
using Happened = std::set<std::pair<std::size_t, std::uint64_t>>;

Happened happened(std::string_view bytes) {
  Happened all;
  Engine engine([&](Event&& event) {
    const auto* boot = std::get_if<BootStarted>(&event.body);
    const bool kept =
        std::holds_alternative<OomInvoked>(event.body) || std::holds_alternative<OomKill>(event.body) ||
        std::holds_alternative<OomReap>(event.body) || std::holds_alternative<MemAlloc>(event.body) ||
        std::holds_alternative<AllocTrouble>(event.body) || std::holds_alternative<SysRq>(event.body) ||
        std::holds_alternative<HungTask>(event.body) || std::holds_alternative<Lockup>(event.body) ||
        std::holds_alternative<Crash>(event.body) || std::holds_alternative<Panic>(event.body) ||
        (boot != nullptr && !boot->same_boot);
    if (kept) all.emplace(event.body.index(), event.line);
  });
  engine.feed(bytes);
  engine.finish();
  return all;
}

void expect_no_invention(std::string_view text, std::size_t step) {
  const Happened whole = happened(text);
  for (std::size_t cut = 0; cut < text.size(); cut += step) {
    for (const auto& one : happened(text.substr(0, cut))) {
      ASSERT_TRUE(whole.count(one) > 0) << "event " << one.first << " on line " << one.second << " of\n"
                                        << text.substr(0, cut);
    }
  }
}

TEST(Cut, AtAnyByteInventsNoEvent) {
  for (unsigned seed = 0; seed < 4; ++seed) expect_no_invention(generated(seed), 1);
}

TEST(Cut, FixturesAtManyBytesInventNoEvent) {
  for (const auto& text : fixtures()) expect_no_invention(text, text.size() / 60 + 1);
}

std::string events_of(std::string_view bytes, const std::function<std::size_t()>& chunk) {
  std::string out;
  Engine engine([&](Event&& event) { out += to_json(event) + "\n"; });
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = chunk();
    engine.feed(bytes.substr(at, size));
    at += size;
  }
  engine.finish();
  return out;
}

TEST(Cut, AnyChunksGiveTheSameEvents) {
  std::mt19937 random(7);
  for (unsigned seed = 0; seed < 40; ++seed) {
    const auto text = generated(seed);
    const auto whole = events_of(text, [&] { return text.size(); });
    ASSERT_EQ(whole, events_of(text, [&] { return 1 + random() % 200; })) << seed;
    ASSERT_EQ(whole, events_of(text, [] { return std::size_t{1}; })) << seed;
  }
}

// Two boots in one log are the same two boots as in two logs, but for their lines.
TEST(Cut, ALogTwiceIsTwoBoots) {
  const auto shape = [](const Boot& boot) {
    std::string text = fmt::format("{} {} {}\n", boot.kernel_release.value_or("?"), boot.reached_init,
                                   boot.last_s.value_or(-1));
    for (const auto& crash : boot.crashes) text += crash.title + "\n";
    for (const auto& episode : boot.oom)
      text += fmt::format("oom {} {}\n", episode.kills.size(), episode.tasks.size());
    for (const auto& hang : boot.hangs)
      text += fmt::format("{} {}\n", to_string(hang.kind), hang.duration_s.value_or(-1));
    for (const auto& finding : boot.findings) text += finding.text + "\n";
    return text + fmt::format("{} {} {} {}", boot.memalloc.size(), boot.sysrq.size(), boot.lockups.size(),
                              boot.tasks.size());
  };
  for (unsigned seed = 0; seed < 40; ++seed) {
    const auto text = generated(seed);
    const auto once = analyse(text);
    const auto twice = analyse(text + text);
    ASSERT_EQ(once.boots.size(), 1U);
    ASSERT_EQ(twice.boots.size(), 2U) << text;
    EXPECT_EQ(shape(twice.boots[0]), shape(once.boots[0])) << seed;
    EXPECT_EQ(shape(twice.boots[1]), shape(once.boots[0])) << seed;
    EXPECT_EQ(twice.boots[1].line, once.lines + 1);
  }
}

}  // namespace
}  // namespace hangar::log
