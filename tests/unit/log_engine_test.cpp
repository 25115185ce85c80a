// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/log/infer/engine.h"
#include "harness/log/infer/read.h"
#include "harness/log/record/prefilter.h"
#include "harness/log/render/json.h"
#include "tests/places.h"

// The invariants of the engine: any chunks, any cut, with or without the prefilter, the same facts.
namespace hangar::log {
namespace {

namespace stdfs = std::filesystem;

std::string events_of(std::string_view bytes, bool prefilter, std::size_t chunk) {
  std::string out;
  Engine engine([&](Event&& event) { out += to_json(event) + "\n"; }, EngineOptions{prefilter});
  for (std::size_t at = 0; at < bytes.size(); at += chunk) engine.feed(bytes.substr(at, chunk));
  engine.finish();
  return out;
}

// Our own fixtures, and whatever lies beside the checkout.
std::vector<std::string> samples() {
  std::vector<std::string> out;
  const auto root = stdfs::path(places::source);
  for (const auto& folder :
       {root / "tests/data/log/healthy", root / "tests/data/log/oom", root / "tests/data/log/crash",
        root / "tests/data/log/perf", root / "../shared/mails", root / "../shared/corpus/console-reports"}) {
    if (!stdfs::exists(folder)) continue;
    for (const auto& entry : stdfs::directory_iterator(folder)) {
      auto text = read_file(entry.path());
      if (text) out.push_back(std::move(*text));
    }
  }
  return out;
}

TEST(Engine, PrefilterChangesNothing) {
  for (const auto& text : samples()) {
    ASSERT_EQ(events_of(text, true, text.size() + 1), events_of(text, false, text.size() + 1))
        << text.substr(0, 300);
  }
}

TEST(Prefilter, FindsEachWord) {
  Prefilter prefilter;
  for (const auto& word : engine_words()) {
    for (const std::string before : {"", "[    1.000000] a"}) {
      const std::string block = before + std::string(word.text) + "\n";
      prefilter.scan(block);
      EXPECT_EQ(prefilter.interest(0, block.size() - 1) & word.interest, word.interest) << block;
    }
  }
}

Interest words_of(std::string_view line, const std::vector<Literal>& words) {
  Interest out = 0;
  for (const auto& word : words) {
    if (line.find(word.text) != std::string_view::npos) out |= word.interest;
  }
  return out;
}

// The interest of each line, by the prefilter and by looking for each word in turn.
TEST(Prefilter, FindsTheWordsOfEachLineAndNoOther) {
  const auto words = engine_words();
  Prefilter prefilter;
  for (const auto& text : samples()) {
    prefilter.scan(text);
    for (std::size_t from = 0; from < text.size();) {
      const auto end = std::min(text.find('\n', from), text.size());
      const auto line = std::string_view(text).substr(from, end - from);
      ASSERT_EQ(prefilter.interest(from, end), words_of(line, words)) << line;
      from = end + 1;
    }
  }
}

// The keys that are searched for are parts of these words.
TEST(Prefilter, OtherWordsAreOfNoInterest) {
  const std::string block =
      "[    1.000000] process: using AMD E400 aware idle routine\n"
      "[    1.000001] smpboot: Total of 2 processors activated\n"
      "[    1.000002] Kernel command line: panic=-1\n"
      "[    1.000003] clocksource: tsc: mask, a default lock, no stall, a fault\n";
  Prefilter prefilter;
  prefilter.scan(block);
  EXPECT_EQ(prefilter.interest(0, block.size()), 0U);
  // A word that a line break cuts is not there.
  const std::string cut = "Kernel panic - not\nsyncing: panic\nKilled\n process 1\n";
  prefilter.scan(cut);
  EXPECT_EQ(prefilter.interest(0, cut.size()), 0U);
}

TEST(Engine, ChunksChangeNothing) {
  for (const auto& text : samples()) {
    const auto whole = events_of(text, true, text.size() + 1);
    for (const std::size_t chunk : {61U, 1000U, 4096U}) {
      ASSERT_EQ(whole, events_of(text, true, chunk)) << chunk << "\n" << text.substr(0, 300);
    }
  }
}

template <typename T>
bool lines_rise(const std::vector<T>& items) {
  return std::is_sorted(items.begin(), items.end(), [](const T& a, const T& b) { return a.line < b.line; });
}

// outcome looks facts up by their lines.
TEST(Engine, FactsAreInTheOrderOfTheirLines) {
  for (const auto& text : samples()) {
    const LogFacts facts = analyse(text);
    for (const Boot& boot : facts.boots) {
      ASSERT_TRUE(lines_rise(boot.tasks) && lines_rise(boot.sysrq) && lines_rise(boot.hung_tasks) &&
                  lines_rise(boot.memalloc))
          << text.substr(0, 300);
    }
  }
}

TEST(Engine, AllLogsInOneRow) {
  std::string all;
  for (const auto& text : samples()) all += text + "\n";
  EXPECT_EQ(events_of(all, true, 300'000), events_of(all, false, all.size() + 1));
}

TEST(Engine, DroppedMessagesFarFromACrashDoNotTouchIt) {
  const std::string text =
      "[    1.000000] a\n** 5 printk messages dropped **\n[    2.000000] b\n[    2.500000] c\n"
      "[    3.000000] WARNING: CPU: 0 PID: 1 at mm/a.c:1 f+0x1/0x2\n[    3.000001] Call Trace:\n[    "
      "3.000002]  some_probe+0x1/0x2\n";
  EXPECT_EQ(events_of(text, true, text.size()), events_of(text, false, text.size()));
  EXPECT_FALSE(analyse(text).boots[0].crashes.at(0).corrupted);
}

TEST(Engine, LinesPrintedAgainAreNoNewBoot) {
  const auto facts = analyse(
      "[   10.000000] one\n[   20.000000] two\n[   15.000000] dmesg one\n[   16.000000] dmesg two\n[   "
      "21.000000] on\n");
  EXPECT_EQ(facts.boots.size(), 1U);
  EXPECT_EQ(facts.integrity.replayed, 1U);
  EXPECT_EQ(facts.boots[0].last_s, 21.0);
}

TEST(Engine, ASecondBannerWithoutPrintkTimeIsANewBoot) {
  const std::string boot =
      "Oct 12 15:43:45 host kernel: Linux version 6.1.0 (gcc)\nOct 12 15:43:46 host kernel: Run /sbin/init "
      "as init "
      "process\n";
  EXPECT_EQ(analyse(boot + boot).boots.size(), 2U);
  EXPECT_EQ(
      analyse("Linux version 6.1.0 (gcc)\nconsole enabled\nLinux version 6.1.0 (gcc)\nrun\n").boots.size(),
      1U)
      << "the console's replay";
}

TEST(Engine, AProgramsWarningIsNoCrash) {
  const auto facts = analyse(
      "[    1.000000] Run /init as init process\nWARNING: no swap found\nINFO: starting\nBUG: none\n[    "
      "2.000000] done\n");
  EXPECT_TRUE(facts.boots[0].crashes.empty());
  EXPECT_EQ(analyse("[    1.000000] WARNING: foo\n").boots[0].crashes.at(0).title, "WARNING: foo");
}

TEST(Engine, ByteByByte) {
  const std::string text =
      "[    0.000000] Linux version 6.1.0\r\n[    1.000000] Run /init as init process\n[    2.5000";
  EXPECT_EQ(events_of(text, true, 1), events_of(text, false, 1000));
}

TEST(Engine, CuttingNeverInventsACrash) {
  const std::string text =
      "[    1.000000] WARNING: CPU: 0 PID: 1 at mm/slab.c:12 kfree+0x1/0x2\n[    1.000001] Call Trace:\n"
      "[    1.000002]  <TASK>\n[    1.000003]  some_driver_probe+0x1/0x2\n[    1.000004]  </TASK>\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto facts = analyse(std::string_view(text).substr(0, cut));
    ASSERT_EQ(facts.boots.size(), 1U);
    ASSERT_LE(facts.boots[0].crashes.size(), 1U);
    ASSERT_TRUE(facts.boots[0].hangs.empty());
  }
}

TEST(Engine, AnEmptyLogIsOneBootWithNothing) {
  const auto facts = analyse("");
  ASSERT_EQ(facts.boots.size(), 1U);
  EXPECT_FALSE(facts.boots[0].first_s);
  EXPECT_TRUE(facts.boots[0].hangs.empty());
}

TEST(Engine, BuildIdComesFromTheFirstReportThatHasOne) {
  const std::string id(40, 'a');
  const auto facts = analyse(
      "[    0.000000] Linux version 6.1.0 (gcc)\n"
      "[    3.000000] CPU: 0 PID: 1 Comm: init Not tainted 6.1.0 #1 not-an-id\n"
      "[    4.000000] CPU: 0 PID: 1 Comm: init Not tainted 6.1.0 #1 " +
      id + "\n");
  ASSERT_EQ(facts.boots.size(), 1U);
  EXPECT_EQ(facts.boots[0].kernel_release, "6.1.0");
  EXPECT_EQ(facts.boots[0].build_id, id);
}

TEST(Engine, TimeThatGoesToZeroIsANewBoot) {
  const auto facts = analyse(
      "[    0.000000] Linux version 6.1.0 (gcc)\n[   50.000000] reboot: Restarting system\n"
      "[    0.000000] Linux version 6.12.0 (gcc)\n[    3.000000] Run /init as init process\n");
  ASSERT_EQ(facts.boots.size(), 2U);
  EXPECT_EQ(facts.boots[0].kernel_release, "6.1.0");
  EXPECT_EQ(facts.boots[1].kernel_release, "6.12.0");
  EXPECT_EQ(facts.boots[1].line, 3U);
  EXPECT_EQ(facts.boots[0].last_s, 50.0);
}

TEST(Engine, BootThatStopsBeforeInitIsAHang) {
  const std::string start =
      "[    0.000000] Linux version 6.1.0 (gcc)\n[    3.000000] NET: Registered PF_INET\n";
  EXPECT_TRUE(analyse(start).boots[0].hangs.empty()) << "the end of the log is no proof";
  const auto facts = analyse(start + "[   33.000000] platform 1.disk: deferred probe pending\n");
  ASSERT_EQ(facts.boots[0].hangs.size(), 1U);
  EXPECT_EQ(to_string(facts.boots[0].hangs[0].kind), "boot");
  EXPECT_TRUE(facts.boots[0].hangs[0].censored);
}

TEST(Engine, SilenceThatBreaksARhythm) {
  std::string text = "[    0.000000] Linux version 6.1.0 (gcc)\n[    1.000000] Run /init as init process\n";
  const auto beat = [&](int from, int to) {
    for (int s = from; s < to; ++s) {
      text += "[" +
              std::string(s < 10    ? "    "
                          : s < 100 ? "   "
                                    : "  ") +
              std::to_string(s) + ".000000] beat\n";
    }
  };
  beat(2, 40);
  beat(140, 150);
  const auto facts = analyse(text);
  ASSERT_EQ(facts.boots[0].hangs.size(), 1U);
  EXPECT_EQ(to_string(facts.boots[0].hangs[0].kind), "silent");
  EXPECT_EQ(facts.boots[0].hangs[0].duration_s, 101.0);
}

TEST(Engine, HungTasksAreATaskHang) {
  const auto facts = analyse(
      "[  100.000000] some line\n[  243.000000] INFO: task a.out:12 blocked for more than 120 seconds.\n"
      "[  363.000000] INFO: task a.out:12 blocked for more than 241 seconds.\n");
  ASSERT_EQ(facts.boots[0].hangs.size(), 1U);
  const auto& hang = facts.boots[0].hangs[0];
  EXPECT_EQ(to_string(hang.kind), "task");
  EXPECT_EQ(hang.start_s, 123.0);
  EXPECT_TRUE(hang.censored);
  EXPECT_EQ(hang.duration_s, 240.0);
}

TEST(Engine, EscapesAndNulsDoNotMatter) {
  const std::string text =
      std::string(1, 0) + "\x1b[2J[    1.000000] Kernel panic - not syncing: \x1b]0;x\x07 boom\n";
  const auto facts = analyse(text);
  EXPECT_TRUE(facts.boots[0].panic);
}

}  // namespace
}  // namespace hangar::log
