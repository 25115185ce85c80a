// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "harness/base/text.h"
#include "harness/log/infer/read.h"
#include "tests/places.h"
#include "tests/samples.h"

// Real console logs with what people expect a parser to say: counted, and not allowed to get worse. The
// corpus lies beside the checkout and is not part of it.
namespace hangar::log {
namespace {

namespace stdfs = std::filesystem;
using samples::Sample;

struct Tally {
  int files = 0;
  int titles = 0;
  int types = 0;
  int alternatives = 0;
  int panicked = 0;
  int flags = 0;      // corrupted or not
  int flagged = 0;    // we say corrupted
  int corrupted = 0;  // they say it
  int both = 0;
};

void show(const Sample& sample, const Crash& crash) {
  if (std::getenv("HANGAR_CORPUS_VERBOSE") == nullptr || sample.part == samples::Part::aside) return;
  const auto line = [&](const char* what, const std::string& expected, const std::string& got) {
    if (expected != got) fmt::print("{:>5} {:9} want [{}] got [{}]\n", sample.name, what, expected, got);
  };
  line("title", sample.title, crash.title);
  line("type", sample.type, crash.type);
  line("alt", join(sample.alternatives, "|"), join(crash.alternatives, "|"));
  line("panicked", sample.panicked ? "Y" : "N", crash.panicked ? "Y" : "N");
  if (sample.corrupted != crash.corrupted)
    line("corrupted", sample.corrupted ? "Y" : "N", crash.corrupted ? "Y " + crash.corrupted_why : "N");
}

void count(const Sample& sample, Tally& tally) {
  const auto crash = samples::first_crash(sample.log);
  ++tally.files;
  tally.titles += crash.title == sample.title;
  tally.types += crash.type == sample.type;
  tally.alternatives += crash.alternatives == sample.alternatives;
  tally.panicked += crash.panicked == sample.panicked;
  tally.flags += crash.corrupted == sample.corrupted;
  tally.flagged += crash.corrupted;
  tally.corrupted += sample.corrupted;
  tally.both += crash.corrupted && sample.corrupted;
  show(sample, crash);
}

Tally count(const stdfs::path& folder, samples::Part part, const char* name) {
  Tally tally;
  for (const auto& sample : samples::read_samples(folder)) {
    if (sample.part == part) count(sample, tally);
  }
  fmt::print(
      "corpus, {}: {} files; exactly right: titles {}, types {}, corrupted {}, alternatives {}, panicked {}; "
      "corrupted: said {}, is {}, both {}\n",
      name, tally.files, tally.titles, tally.types, tally.flags, tally.alternatives, tally.panicked,
      tally.flagged, tally.corrupted, tally.both);
  return tally;
}

TEST(Corpus, CountsDoNotGetWorse) {
  const auto folder = samples::folder(places::source);
  if (!stdfs::exists(folder)) GTEST_SKIP() << "the corpus is not beside this checkout: " << folder;
  const auto old = count(folder, samples::Part::old, "first third");
  EXPECT_GE(old.titles, 247);
  EXPECT_GE(old.types, 249);
  EXPECT_GE(old.flags, 247);
  EXPECT_GE(old.alternatives, 248);
  EXPECT_GE(old.panicked, 249);
  const auto read = count(folder, samples::Part::read, "read later");
  EXPECT_GE(read.titles, 196);
  EXPECT_GE(read.types, 199);
  EXPECT_GE(read.flags, 195);
  EXPECT_GE(read.alternatives, 196);
  EXPECT_GE(read.panicked, 198);
}

TEST(Corpus, CountsOfUnreadReportsDoNotGetWorse) {
  const auto folder = samples::folder(places::source);
  if (!stdfs::exists(folder)) GTEST_SKIP() << "the corpus is not beside this checkout: " << folder;
  const auto aside = count(folder, samples::Part::aside, "kept aside");
  EXPECT_GE(aside.titles, 35);
}

// The lines of a report, alone, are the same report.
TEST(Corpus, AReportAloneIsTheSameReport) {
  const auto folder = samples::folder(places::source);
  if (!stdfs::exists(folder)) GTEST_SKIP() << "the corpus is not beside this checkout: " << folder;
  int reports = 0;
  for (const auto& sample : samples::read_samples(folder)) {
    const auto facts = analyse(sample.log);
    if (facts.boots[0].crashes.empty()) continue;
    const auto& crash = facts.boots[0].crashes[0];
    const auto lines = split(sample.log, '\n');
    std::string alone;
    for (std::uint64_t i = crash.line; i <= crash.last_line && i <= lines.size(); ++i)
      alone += std::string(lines[i - 1]) + "\n";
    const auto again = analyse(alone);
    ASSERT_FALSE(again.boots[0].crashes.empty()) << sample.name;
    EXPECT_EQ(again.boots[0].crashes[0].title, crash.title) << sample.name;
    EXPECT_EQ(again.boots[0].crashes[0].panicked, crash.panicked) << sample.name;
    ++reports;
  }
  EXPECT_GE(reports, 200);
}

}  // namespace
}  // namespace hangar::log
