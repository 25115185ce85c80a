// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/log/record.h"

namespace hangar::log {
namespace {

std::vector<Record> split(std::string_view line) {
  std::vector<Record> out;
  split_records(line, 7, 100, out);
  return out;
}

Record one(std::string_view line) {
  const auto out = split(line);
  EXPECT_EQ(out.size(), 1U) << line;
  return out.empty() ? Record{} : out.front();
}

TEST(Record, StampLevelAndCaller) {
  const auto record = one("<6>[   12.345678][  T123] Freeing memory\r");
  EXPECT_EQ(record.text, "Freeing memory");
  EXPECT_EQ(record.time_us, 12345678);
  EXPECT_EQ(record.level, 6);
  EXPECT_EQ(record.caller, "T123");
  EXPECT_EQ(record.line, 7U);
}

TEST(Record, CallerBehindABlank) {
  const auto record = one("[   49.650190] [ T8428] text");
  EXPECT_EQ(record.caller, "T8428");
  EXPECT_EQ(record.text, "text");
}

TEST(Record, IndentationOfAFrameStays) {
  EXPECT_EQ(one("[    1.000000]  ? do_exit+0x1/0x2").text, " ? do_exit+0x1/0x2");
}

TEST(Record, WallClocks) {
  EXPECT_EQ(one("[Mon Oct 12 15:43:45 2015] text").time_us, 1444664625000000);
  EXPECT_EQ(one("2015-10-12T15:43:45,500000+00:00 text").time_us, 1444664625500000);
  EXPECT_EQ(one("2015-10-12T17:43:45+02:00 host kernel: text").time_us, 1444664625000000);
  EXPECT_EQ(one("2015-10-12T17:43:45+02:00 host kernel: text").text, "text");
  EXPECT_EQ(one("[Mon Oct 12 15:43:45 2015] text").clock, Clock::wall);
}

TEST(Record, SyslogAndJournal) {
  const auto record = one("Oct 12 15:43:45 somehost kernel: [  101.438951] MemAlloc-Info: x");
  EXPECT_EQ(record.text, "MemAlloc-Info: x");
  EXPECT_EQ(record.time_us, 101438951);
  EXPECT_EQ(record.clock, Clock::printk);
  EXPECT_EQ(one("Oct 12 15:43:45 somehost kernel: plain").text, "plain");
}

TEST(Record, MailQuotes) {
  const auto record = one("> > [  101.438951] text");
  EXPECT_TRUE(record.quoted);
  EXPECT_EQ(record.text, "text");
  EXPECT_EQ(record.time_us, 101438951);
}

TEST(Record, NulAndEscapeBytesInFront) {
  EXPECT_EQ(one(std::string_view("\0\0\x1b[2J\x1b[0m[    1.000000] hello", 30)).text, "hello");
}

TEST(Record, TwoMessagesOnOneLine) {
  const auto out = split("[    1.000000] first [    1.000001][   T12] second");
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].text, "first");
  EXPECT_EQ(out[1].text, "second");
  EXPECT_EQ(out[1].caller, "T12");
  EXPECT_EQ(out[1].offset, 121U);
  EXPECT_TRUE(out[0].spliced && out[1].spliced);
}

TEST(Record, HostileBytesDoNotMatter) {
  for (const std::string_view line : {"", "[", "<", "<6", "<999>", "[  ", "[ 1.", "[99999999999999.000000] x",
                                      "> > >", "\x1b", "\x1b[", "[Mon Oct", "2015-", "Oct 99 99:99:99 "}) {
    EXPECT_FALSE(split(line).empty()) << line;
  }
}

}  // namespace
}  // namespace hangar::log
