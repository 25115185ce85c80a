// SPDX-License-Identifier: GPL-2.0-only
#include <random>
#include <regex>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/log/input/line_index.h"
#include "harness/log/record/record.h"
#include "harness/log/record/stamp.h"

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

// What print_time() prints, character by character.
std::size_t obvious_stamp(const std::string& text, std::int64_t& time_us) {
  static const std::regex stamp(R"(^\[ *([0-9]{1,10})\.([0-9]{6})\])");
  std::smatch match;
  if (!std::regex_search(text, match, stamp)) return 0;
  time_us = std::stoll(match[1]) * 1'000'000 + std::stoll(match[2]);
  return static_cast<std::size_t>(match.length());
}

TEST(Record, StampsTakenEightBytesAtOnceAreThoseOfTheObviousWay) {
  std::mt19937 random(1);
  const std::string alphabet = "[ 0123456789.]-:/!a\x80\xb0";
  for (int i = 0; i < 200'000; ++i) {
    std::string text = fmt::format("[{:5}.{:06}] x", random() % 200'000, random() % 1'000'000);
    for (unsigned k = random() % 3; k > 0; --k) text[random() % 15] = alphabet[random() % alphabet.size()];
    std::int64_t got = -1;
    std::int64_t want = -1;
    const auto size = printk_stamp(text, got);
    ASSERT_EQ(size, obvious_stamp(text, want)) << text;
    if (size > 0) {
      ASSERT_EQ(got, want) << text;
    }
  }
}

TEST(StampMemo, TakesTheSameStampsWhateverTheLineBefore) {
  std::mt19937 random(3);
  const std::string alphabet = {'[', ' ', '0', '1', '9', '.', ']', '\0', '\x80'};
  StampMemo memo;
  std::string text = std::string(6, '\0') + ".000000]";
  for (int i = 0; i < 200'000; ++i) {
    std::int64_t got = -1;
    std::int64_t want = -1;
    ASSERT_EQ(memo.usual_stamp(text.data(), got), usual_stamp(text.data(), want)) << text;
    ASSERT_EQ(got, want) << text;
    if (random() % 4 == 0) text = fmt::format("[{:5}.{:06}]", random() % 3, random() % 1'000'000);
    if (random() % 4 == 0) text[random() % usual_stamp_size] = alphabet[random() % alphabet.size()];
  }
}

TEST(LineIndex, FindsWhatLookingAtEachByteFinds) {
  std::mt19937 random(2);
  const std::string alphabet = "[[ 1.a\n";
  const std::regex begins(R"(\[ *1+\.)");
  for (int i = 0; i < 20'000; ++i) {
    std::string block;
    for (auto n = random() % 200; n > 0; --n) block += alphabet[random() % alphabet.size()];
    block += '\n';
    std::vector<IndexedLine> want;
    IndexedLine line;
    std::uint32_t begin = 0;
    for (std::uint32_t at = 0; at < block.size(); ++at) {
      if (block[at] == '[' && at > begin &&
          std::regex_search(block.begin() + at, block.end(), begins,
                            std::regex_constants::match_continuous)) {
        line.more = line.stamp != 0;
        if (!line.more) line.stamp = at;
      }
      if (block[at] != '\n') continue;
      line.end = at;
      want.push_back(line);
      line = {};
      begin = at + 1;
    }
    LineIndex index;
    const auto got = index.of(block);
    ASSERT_EQ(got.size(), want.size()) << block;
    for (std::size_t k = 0; k < got.size(); ++k) {
      ASSERT_EQ(got[k].end, want[k].end) << block;
      ASSERT_EQ(got[k].stamp, want[k].stamp) << block;
      ASSERT_EQ(got[k].more, want[k].more) << block;
    }
  }
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

TEST(Record, OtherFormsOfTheJournalAndOfDmesg) {
  struct Form {
    std::string_view line;
    std::int64_t time_us;
  };
  for (const Form& form :
       {Form{"[   12.500000] somehost kernel: text", 12500000},
        Form{"Mon 2015-10-12 15:43:45 UTC somehost kernel: text", 1444664625000000},
        Form{"1444664625.500000 somehost kernel: text", 1444664625500000},
        Form{"<6>1 2015-10-12T15:43:45.500000+00:00 somehost kernel - - - text", 1444664625500000},
        Form{"Oct 12 15:43:45.500000 somehost kernel: text", 24594225500000},
        Form{"kern  :info  : [   12.500000] text", 12500000},
        Form{"[   12.500000 <    0.000012>] text", 12500000},
        Form{"[2015-10-12 15:43:45.500] text", 1444664625500000},
        Form{"[2015-10-12 15:43:45] [   12.500000] text", 12500000}, Form{"[  +0.000012] text", -1},
        Form{"[Oct12 15:43] text", -1}}) {
    const auto record = one(form.line);
    EXPECT_EQ(record.text, "text") << form.line;
    EXPECT_EQ(record.time_us, form.time_us) << form.line;
  }
  EXPECT_EQ(one("kern  :warn  : [   12.500000] text").level, 4);
  EXPECT_EQ(one("1444664625.500000 is a number").text, "1444664625.500000 is a number");
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
