// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/log/infer/read.h"
#include "tests/places.h"

// Where one report ends and the next one begins: tests/data/log/ends has logs with several dumps. Their
// headers give each crash with its panic and its last line, counted from the first line of console text.
namespace hangar::log {
namespace {

namespace stdfs = std::filesystem;

struct Expected {
  std::string title;
  std::string panic;
  bool corrupted = false;
  std::uint64_t last_line = 0;  // 0: any
};

std::vector<Expected> expected_of(std::string_view headers) {
  std::vector<Expected> all;
  for (const auto line : split(headers, '\n')) {
    const auto value = std::string(line.substr(line.find(": ") + 2));
    if (line.starts_with("CRASH: ")) all.push_back({value, "", false, 0});
    if (line.starts_with("PANIC: ")) all.back().panic = value;
    if (line.starts_with("CORRUPTED: ")) all.back().corrupted = true;
    if (line.starts_with("LAST: ")) all.back().last_line = std::stoull(value);
  }
  return all;
}

void check(const stdfs::path& path) {
  const auto text = read_file(path);
  ASSERT_TRUE(text) << path;
  const auto gap = text->find("\n\n");
  const auto expected = expected_of(std::string_view(*text).substr(0, gap));
  const auto facts = analyse(text->substr(gap + 2));
  const auto& crashes = facts.boots.at(0).crashes;
  ASSERT_EQ(crashes.size(), expected.size()) << path;
  for (std::size_t i = 0; i < crashes.size(); ++i) {
    EXPECT_EQ(crashes[i].title, expected[i].title) << path;
    EXPECT_EQ(crashes[i].panic_title, expected[i].panic) << path;
    EXPECT_EQ(crashes[i].panicked, !expected[i].panic.empty()) << path;
    EXPECT_EQ(crashes[i].panic_line.has_value(), crashes[i].panicked) << path;
    EXPECT_EQ(crashes[i].corrupted, expected[i].corrupted) << path << " " << crashes[i].corrupted_why;
    if (expected[i].last_line > 0) {
      EXPECT_EQ(crashes[i].last_line, expected[i].last_line) << path;
    }
  }
}

TEST(Ends, EachReportEndsWhereItsTraceEnds) {
  int files = 0;
  for (const auto& entry : stdfs::directory_iterator(stdfs::path(places::source) / "tests/data/log/ends")) {
    check(entry.path());
    ++files;
  }
  EXPECT_GE(files, 8);
}

}  // namespace
}  // namespace hangar::log
