// SPDX-License-Identifier: GPL-2.0-only
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/log/form/reader.h"
#include "harness/log/form/shape.h"
#include "harness/log/infer/builder.h"
#include "harness/log/infer/read.h"
#include "harness/log/render/json.h"
#include "harness/log/render/merge.h"

namespace hangar::log {
namespace {

const std::string hung =
    "[  100.000001] INFO: task md0_raid5:1545 blocked for more than 120 seconds.\n"
    "[  100.000002]       Not tainted 6.8.7-custom #1\n"
    "[  100.000003] \"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n"
    "[  100.000004] task:md0_raid5       state:D stack:0     pid:1545  tgid:1545  ppid:2      "
    "flags:0x00004000\n"
    "[  100.000005] Call Trace:\n"
    "[  100.000006]  <TASK>\n"
    "[  100.000007]  __schedule+0x36a/0x9a0\n"
    "[  100.000008]  raid5d+0x466/0x670\n"
    "[  100.000009]  </TASK>\n";

const std::string wrapped =
    "[  100.000001] INFO: task md0_raid5:1545 blocked for more than 120\n"
    "seconds.\n"
    "[  100.000002]       Not tainted 6.8.7-custom #1\n"
    "[  100.000003] \"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\"\n"
    "disables this message.\n"
    "[  100.000004] task:md0_raid5       state:D stack:0     pid:1545\n"
    "tgid:1545  ppid:2      flags:0x00004000\n"
    "[  100.000005] Call Trace:\n"
    "[  100.000006]  <TASK>\n"
    "[  100.000007]  __schedule+0x36a/0x9a0\n"
    "[  100.000008]  raid5d+0x466/0x670\n";

std::string newest_first(const std::string& text) {
  std::string out;
  std::size_t from = 0;
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', from)) {
    out = text.substr(from, at + 1 - from) + out;
    from = at + 1;
  }
  return out;
}

std::string events_of(const std::string& bytes, std::size_t chunk) {
  std::string out;
  Reader reader([&](Event&& event) { out += to_json(event) + "\n"; });
  for (std::size_t at = 0; at < bytes.size(); at += chunk)
    reader.feed(std::string_view(bytes).substr(at, chunk));
  reader.finish();
  return out;
}

TEST(Reader, ChunksChangeNothing) {
  for (const auto& text : {hung, wrapped, newest_first(hung)}) {
    for (const std::size_t chunk : {1U, 7U, 64U})
      EXPECT_EQ(events_of(text, text.size()), events_of(text, chunk));
  }
}

TEST(Reader, CuttingNeverInventsAnEvent) {
  for (const auto& text : {hung, wrapped, newest_first(hung)}) {
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      const auto facts = analyse_any(std::string_view(text).substr(0, cut));
      ASSERT_EQ(facts.boots.size(), 1U) << cut;
      ASSERT_LE(facts.boots[0].hung_tasks.size(), 1U) << cut;
      ASSERT_LE(facts.boots[0].crashes.size(), 1U) << cut;
      ASSERT_TRUE(facts.boots[0].oom.empty() && facts.boots[0].lockups.empty()) << cut;
      if (!facts.boots[0].hung_tasks.empty()) {
        ASSERT_EQ(facts.boots[0].hung_tasks[0].pid, 1545) << cut;
      }
    }
  }
}

TEST(Reader, WrappedLinesAreJoinedAndCounted) {
  const auto facts = analyse_any(wrapped);
  EXPECT_EQ(facts.integrity.wrapped, 3U);
  ASSERT_EQ(facts.boots[0].hung_tasks.size(), 1U);
  EXPECT_EQ(facts.boots[0].hung_tasks[0].line, 1U);
  ASSERT_EQ(facts.boots[0].tasks.size(), 1U);
  EXPECT_EQ(facts.boots[0].tasks[0].line, 6U);
  EXPECT_EQ(facts.boots[0].tasks[0].tgid, 1545);
  EXPECT_EQ(analyse_any(hung).integrity.wrapped, 0U);
}

TEST(Reader, LinesOfANewestFirstLogAreThoseOfTheFile) {
  const auto facts = analyse_any(newest_first(hung));
  ASSERT_EQ(facts.boots[0].hung_tasks.size(), 1U);
  EXPECT_EQ(facts.boots[0].hung_tasks[0].line, 9U);
  ASSERT_EQ(facts.boots[0].tasks.size(), 1U);
  EXPECT_EQ(facts.boots[0].tasks[0].frames.size(), 2U);
  EXPECT_EQ(facts.integrity.replayed, 0U);
}

TEST(Reader, OutputOfProgramsIsNotJoined) {
  std::string text = hung;
  for (int i = 0; i < 5; ++i) text += "a line that a program prints\n";
  EXPECT_EQ(analyse_any(text).integrity.wrapped, 0U);
}

TEST(Reader, ABroadcastIsTheSameEvent) {
  const auto at = hung.find("[  100.000005]");
  const std::string broadcast =
      "\nMessage from syslogd@box at Jun  2 16:38:36 ...\n"
      " kernel:[  100.000001] INFO: task md0_raid5:1545 blocked for more than 120 seconds.\n";
  const auto facts = analyse_any(hung.substr(0, at) + broadcast + hung.substr(at));
  EXPECT_EQ(facts.boots[0].hung_tasks.size(), 1U);
  EXPECT_EQ(facts.integrity.repeated, 1U);
  ASSERT_EQ(facts.boots[0].crashes.size(), 1U);
  EXPECT_FALSE(facts.boots[0].crashes[0].corrupted);
  EXPECT_EQ(analyse_any(broadcast).boots[0].hung_tasks.size(), 1U) << "there is nothing but the broadcast";
}

TEST(Reader, AReportThatIsPrintedAgainIsTheSameEvent) {
  const auto facts = analyse_any(hung + "[  200.000000] usb 1-1: new device\n" + hung);
  EXPECT_EQ(facts.boots[0].hung_tasks.size(), 1U);
  EXPECT_GE(facts.integrity.repeated, 2U);
}

TEST(Reader, WhatAProgramLogsIsNoReport) {
  const auto facts = analyse_any(
      "[    9.000000] box kernel: usb 1-1: ok\n"
      "[   10.000000] box app[12]: BUG: soft lockup - CPU#1 stuck for 22s! [x:1]\n"
      "[   11.000000] app[12]: INFO: task hog:12 blocked for more than 120 seconds.\n");
  EXPECT_TRUE(facts.boots[0].lockups.empty());
  EXPECT_TRUE(facts.boots[0].hung_tasks.empty());
  EXPECT_TRUE(facts.boots[0].crashes.empty());
}

TEST(Reader, WordsThatReportsHaveAreNoPrefix) {
  std::string text;
  for (int i = 10; i < 20; ++i) {
    text += fmt::format(
        "[Tue Aug 12 03:54:{} 2025] Out of memory: Killed process {} (hog) total-vm:4kB, anon-rss:4kB, "
        "file-rss:0kB\n",
        i, i);
  }
  EXPECT_EQ(analyse_any(text).boots[0].oom.size(), 10U);
}

TEST(Reader, SecondsOfABlockedTaskGrow) {
  const auto report = [](double time_s, double blocked_s) {
    HungTask one;
    one.comm = "hog";
    one.pid = 41;
    one.time_s = time_s;
    one.blocked_s = blocked_s;
    return one;
  };
  const auto merged = merge({report(200, 120), report(321, 241), report(442, 362), report(900, 120)});
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].count, 3U);
  EXPECT_EQ(merged[0].last.blocked_s, 362);
  EXPECT_EQ(merged[1].count, 1U);
}

TEST(Shape, NumbersWordsAndPunctuation) {
  EXPECT_EQ(shape_of("2023-12-04T10:49:30.122Z In(05) vcpu-5 - Guest: <4>"), "n w(n) w w w <n>");
  EXPECT_EQ(match_shape("2024-01-02 03:04:05\t[ OK ]", "n n "), 20U);
  EXPECT_EQ(match_shape("a line", "n n "), 0U);
}

// netconsole splits a message that is longer than a packet.
class Fragments : public testing::Test {
 protected:
  static std::string log_of(const std::string& lines) {
    return "6,414,99000000,-;random: crng init done\n" + lines + "6,417,101000000,-;eth0: link up\n";
  }
  static LogFacts facts_of(const std::string& lines) { return analyse_any(log_of(lines)); }
  // The hung task of these lines; its first line is 2.
  static void expect_hung(const std::string& lines, const std::string& why) {
    const auto facts = facts_of(lines);
    ASSERT_EQ(facts.boots.at(0).hung_tasks.size(), 1U) << why;
    EXPECT_EQ(facts.boots[0].hung_tasks[0].comm, "md0_raid5") << why;
    EXPECT_EQ(facts.boots[0].hung_tasks[0].blocked_s, 120) << why;
    EXPECT_EQ(facts.boots[0].hung_tasks[0].time_s, 100.5) << why;
    EXPECT_EQ(facts.boots[0].hung_tasks[0].line, 2U) << why;
    EXPECT_EQ(facts.integrity.dropped, 0U) << why;
  }
  const std::string one = "3,416,100500000,-,ncfrag=0/60;INFO: task md0_raid5:1545 block";
  const std::string two = "3,416,100500000,-,ncfrag=31/60;ed for more than 120 secon";
  const std::string three = "3,416,100500000,-,ncfrag=57/60;ds.";
  const std::string other = "6,415,100400000,-;usb 1-1: new device\n";
};

TEST_F(Fragments, AreJoined) {
  expect_hung(one + "\n" + two + "\n" + three + "\n", "in order");
  expect_hung(two + "\n" + one + "\n" + three + "\n", "one packet overtook another");
  expect_hung(three + "\n" + two + "\n" + one + "\n", "the reverse");
  expect_hung(one + two + three + "\n", "a receiver without line breaks");
  expect_hung(one + "\n" + two + "\n" + other + three + "\n", "another message in between");
  expect_hung(one + "\n" + two + "\n" + two + "\n" + three + "\n", "one packet twice");
  expect_hung("3,416,100500000,-;INFO: task md0_raid5:1545 blocked for more than 120 seconds.\n",
              "one packet");
}

TEST_F(Fragments, UserdataIsNotPartOfTheMessage) {
  expect_hung(one + "\n" + two + "\n" + "3,416,100500000,-,ncfrag=57/81;ds.\n cpu=3\n location=12\n",
              "userdata");
}

TEST_F(Fragments, AKernelMayPrintItsReleaseInFront) {
  std::string text = log_of(one + "\n" + two + "\n" + three + "\n");
  for (auto at = text.rfind('\n', text.size() - 2); at != std::string::npos && at > 0;
       at = text.rfind('\n', at - 1))
    text.insert(at + 1, "6.12.3-rc1,");
  const auto facts = analyse_any("6.12.3-rc1," + text);
  ASSERT_EQ(facts.boots.at(0).hung_tasks.size(), 1U);
  EXPECT_EQ(facts.boots[0].hung_tasks[0].pid, 1545);
}

TEST_F(Fragments, ALostOneIsAGap) {
  const auto facts = facts_of(one + "\n" + three + "\n" + other);
  EXPECT_TRUE(facts.boots.at(0).hung_tasks.empty()) << "its end is missing";
  EXPECT_EQ(facts.integrity.dropped, 1U);
  EXPECT_EQ(facts.boots[0].last_s, 101) << "the other lines are there";
  EXPECT_EQ(facts_of(two + "\n" + three + "\n").integrity.dropped, 1U);
  EXPECT_EQ(facts_of(one + "\n").integrity.dropped, 1U);
}

TEST_F(Fragments, TwoMessagesAtATime) {
  const std::string later = "3,418,100600000,-,ncfrag=";
  const auto facts = facts_of(one + "\n" + later + "0/50;INFO: task b:7 blocked for \n" + two + "\n" + later +
                              "27/50;more than 121 seconds.\n" + three + "\n");
  ASSERT_EQ(facts.boots.at(0).hung_tasks.size(), 2U);
  EXPECT_EQ(facts.boots[0].hung_tasks[0].pid, 1545);
  EXPECT_EQ(facts.boots[0].hung_tasks[1].pid, 7);
  EXPECT_EQ(facts.integrity.dropped, 0U);
}

TEST_F(Fragments, HeadersThatAreNoneAreText) {
  for (const auto* header : {"ncfrag=", "ncfrag=5", "ncfrag=5/", "ncfrag=9/3", "ncfrag=0/0", "ncfrag=-1/5",
                             "ncfrag=0/99999999", "ncfrag=99999999999999999999/3"}) {
    const auto facts = facts_of(
        fmt::format("3,416,100500000,-,{};INFO: task a:1 blocked for more than 9 seconds.\n", header));
    EXPECT_EQ(facts.boots.at(0).hung_tasks.size(), 1U) << header;
    EXPECT_EQ(facts.integrity.dropped, 0U) << header;
  }
}

TEST_F(Fragments, ChunksChangeNothing) {
  const std::string text = log_of(two + "\n" + other + one + "\n" + three + "\n");
  for (const std::size_t chunk : {1U, 7U, 61U})
    EXPECT_EQ(events_of(text, chunk), events_of(text, text.size()));
}

TEST_F(Fragments, CutAnywhereInventsNothing) {
  const std::string text = log_of(one + "\n" + two + "\n" + three + "\n");
  for (std::size_t size = 0; size < text.size(); ++size)
    ASSERT_LE(analyse_any(std::string_view(text).substr(0, size)).boots.at(0).hung_tasks.size(), 1U);
}

// Each message is incomplete, so that lines are held back all the time.
TEST_F(Fragments, TakeLinearTime) {
  std::string text;
  for (int i = 0; i < 20000; ++i)
    text += fmt::format("6,{},{},-,ncfrag=0/2000;{}\n", i, 1000 * i, std::string(200, 'x'));
  EXPECT_EQ(analyse_any(text).integrity.dropped, 20000U);
}

}  // namespace
}  // namespace hangar::log
