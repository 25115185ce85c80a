// SPDX-License-Identifier: GPL-2.0-only
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/log/form/form.h"
#include "harness/log/form/peel.h"
#include "harness/log/form/unwrap.h"
#include "harness/log/record/record.h"

namespace hangar::log {
namespace {

// A blank behind the brace is JSON, and goes to the library.
std::string to_library(const std::string& line) {
  return "{ " + line.substr(1);
}

std::string random_object(std::mt19937& random) {
  const std::vector<std::string> names = {"log", "time", "MESSAGE", "a", "_SOURCE_MONOTONIC_TIMESTAMP"};
  const std::vector<std::string> parts = {"2025-08-12T03:54:03Z",
                                          "1767323045",
                                          "12345678",
                                          "text",
                                          " ",
                                          "\\n",
                                          "\\t",
                                          "\\\"",
                                          "\\\\",
                                          "\\/",
                                          "\\u0041",
                                          "\\x",
                                          "\xc3\xa9",
                                          "\xff",
                                          "[    1.000000] ",
                                          "{",
                                          "}",
                                          ":",
                                          ",",
                                          "\t",
                                          "\"",
                                          "\x7f"};
  std::string out = "{";
  for (auto n = random() % 5; n > 0; --n) {
    out += '"' + names[random() % names.size()] + "\":";
    if (random() % 4 == 0) out += ' ';
    if (random() % 16 == 0) {
      out += "12";
    } else {
      out += '"';
      for (auto k = random() % 4; k > 0; --k) out += parts[random() % (random() % 2 == 0 ? 9 : parts.size())];
      out += '"';
    }
    if (n > 1 || random() % 32 == 0) out += random() % 4 == 0 ? ", " : ",";
  }
  return out + (random() % 64 == 0 ? "" : "}");
}

TEST(Unwrap, SimpleObjectsAreReadAsTheLibraryReadsThem) {
  std::mt19937 random(3);
  std::size_t read = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto line = random_object(random);
    for (const std::string key : {"log", "MESSAGE"}) {
      Message simple;
      Message full;
      ASSERT_EQ(unwrap_json(line, key, simple), unwrap_json(to_library(line), key, full)) << line;
      ASSERT_EQ(simple.text, full.text) << line;
      ASSERT_EQ(simple.printk_us, full.printk_us) << line;
      ASSERT_EQ(simple.wall_us, full.wall_us) << line;
      read += simple.text.empty() ? 0 : 1;
    }
    ASSERT_EQ(message_key({line}), message_key({to_library(line)})) << line;
  }
  EXPECT_GT(read, 5000U);
}

// The clock of an object that is not taken apart is that of the peeled line.
TEST(Unwrap, TimeWithoutPeeling) {
  std::mt19937 random(4);
  Form form;
  form.json_key = "MESSAGE";
  Peeler peeler(form);
  std::size_t timed = 0;
  const std::string signs = "{}:,\"\\ a1[]-.\t\xc3";
  for (int i = 0; i < 20'000; ++i) {
    std::string line =
        R"({"_BOOT_ID":"0123","MESSAGE":"kvm-clock: using","_SOURCE_MONOTONIC_TIMESTAMP":"1234567"})";
    for (auto n = random() % 3; n > 0; --n) line[random() % line.size()] = signs[random() % signs.size()];
    std::int64_t time_us = -1;
    if (!peeler.time_of(line, 0, time_us)) continue;
    ++timed;
    std::vector<Record> records;
    split_records(peeler.peel(line).text, 1, 0, records);
    ASSERT_EQ(records.size(), 1U) << line;
    ASSERT_EQ(records.front().clock, Clock::printk) << line;
    ASSERT_EQ(records.front().time_us, time_us) << line;
  }
  EXPECT_GT(timed, 5000U);
}

}  // namespace
}  // namespace hangar::log
