// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/log/crash/crash_table.h"
#include "harness/log/infer/read.h"
#include "harness/log/record/record.h"
#include "tests/places.h"

// Each crash class has a report under tests/data/log/crash, in the kernel's own words: what it is called,
// what type it has, whether it is damaged. A file is headers, an empty line, the console text.
namespace hangar::log {
namespace {

namespace stdfs = std::filesystem;

const stdfs::path& folder() {
  static const stdfs::path path = stdfs::path(places::source) / "tests/data/log/crash";
  return path;
}

struct Fixture {
  std::string title;
  std::vector<std::string> alternatives;
  std::string type = "UNKNOWN";
  bool corrupted = false;
  bool panicked = false;
  std::string log;
};

Fixture read_fixture(const stdfs::path& path) {
  Fixture fixture;
  const auto text = read_file(path);
  if (!text) return fixture;
  const auto gap = text->find("\n\n");
  const auto headers = text->substr(0, gap);
  for (const auto line : split(headers, '\n')) {
    const auto value = std::string(line.substr(line.find(": ") + 2));
    if (line.starts_with("TITLE: ")) fixture.title = value;
    if (line.starts_with("ALT: ")) fixture.alternatives.push_back(value);
    if (line.starts_with("TYPE: ")) fixture.type = value;
    if (line.starts_with("CORRUPTED: ")) fixture.corrupted = true;
    if (line.starts_with("PANICKED: ")) fixture.panicked = true;
  }
  fixture.log = text->substr(gap + 2);
  return fixture;
}

std::vector<stdfs::path> fixtures() {
  std::vector<stdfs::path> out;
  for (const auto& entry : stdfs::directory_iterator(folder())) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

TEST(Crash, EachReportIsNamed) {
  for (const auto& path : fixtures()) {
    const auto fixture = read_fixture(path);
    const auto facts = analyse(fixture.log);
    ASSERT_FALSE(facts.boots[0].crashes.empty()) << path;
    const auto& crash = facts.boots[0].crashes[0];
    EXPECT_EQ(crash.title, fixture.title) << path;
    EXPECT_EQ(crash.alternatives, fixture.alternatives) << path;
    EXPECT_EQ(crash.type, fixture.type) << path;
    EXPECT_EQ(crash.corrupted, fixture.corrupted) << path << " " << crash.corrupted_why;
    EXPECT_EQ(crash.panicked, fixture.panicked) << path;
    EXPECT_EQ(facts.boots[0].crashes.size(), 1U) << path;
  }
}

// A report that another console line, or half a second, interrupts is the same report.
TEST(Crash, OtherMessagesInBetweenChangeNoTitle) {
  for (const auto& path : fixtures()) {
    const auto fixture = read_fixture(path);
    if (fixture.corrupted) continue;
    std::string noisy;
    int number = 0;
    for (const auto line : split(fixture.log, '\n')) {
      if (line.empty()) continue;
      if (number++ % 7 == 6) noisy += "[   50.500000] eth0: link becomes ready\n";
      noisy += std::string(line) + "\r\n";
    }
    const auto facts = analyse(noisy);
    ASSERT_FALSE(facts.boots[0].crashes.empty()) << path;
    EXPECT_EQ(facts.boots[0].crashes[0].title, fixture.title) << path;
  }
}

TEST(Crash, EveryRowHasAReport) {
  std::set<const CrashRow*> proven;
  for (const auto& path : fixtures()) {
    const auto fixture = read_fixture(path);
    for (const auto line : split(fixture.log, '\n')) {
      std::vector<Record> records;
      split_records(line, 1, 0, records);
      std::string_view rest;
      if (const auto* row = find_crash_row(records.front().text, rest)) proven.insert(row);
    }
  }
  for (const auto& row : crash_rows()) EXPECT_TRUE(proven.contains(&row)) << row.literal << " " << row.title;
}

}  // namespace
}  // namespace hangar::log
