// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/log/infer/read.h"
#include "tests/places.h"

// Real console logs with what people expect a parser to say: counted, and not allowed to get worse. The
// corpus lies beside the checkout and is not part of it.
namespace hangar::log {
namespace {

namespace stdfs = std::filesystem;

struct Sample {
  std::string name;
  std::string title;
  std::vector<std::string> alternatives;
  std::string type = "UNKNOWN";
  bool corrupted = false;
  bool panicked = false;
  std::string log;
};

Sample parse_sample(const stdfs::path& path) {
  Sample sample;
  sample.name = path.filename();
  const auto text = read_file(path);
  std::string_view rest = text ? *text : std::string_view{};
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.empty()) break;
    const auto value = std::string(line.substr(std::min(line.size(), line.find(": ") + 2)));
    if (line.starts_with("TITLE: ")) sample.title = value;
    if (line.starts_with("ALT: ")) sample.alternatives.push_back(value);
    if (line.starts_with("TYPE: ")) sample.type = value;
    if (line.starts_with("CORRUPTED: Y")) sample.corrupted = true;
    if (line.starts_with("PANICKED: Y")) sample.panicked = true;
  }
  const auto report = rest.find("\nREPORT:\n");
  sample.log = rest.substr(0, report == std::string_view::npos ? rest.size() : report + 1);
  return sample;
}

struct Tally {
  int files = 0;
  int titles = 0;
  int types = 0;
  int alternatives = 0;
  int panicked = 0;
  int flagged = 0;    // we say corrupted
  int corrupted = 0;  // they say it
  int both = 0;
};

void show(const Sample& sample, const Crash& crash) {
  if (std::getenv("HANGAR_CORPUS_VERBOSE") == nullptr) return;
  const auto line = [&](const char* what, const std::string& expected, const std::string& got) {
    if (expected != got) fmt::print("{:>5} {:9} want [{}] got [{}]\n", sample.name, what, expected, got);
  };
  line("title", sample.title, crash.title);
  line("type", sample.type, crash.type);
  line("alt", join(sample.alternatives, "|"), join(crash.alternatives, "|"));
  line("panicked", sample.panicked ? "Y" : "N", crash.panicked ? "Y" : "N");
  line("corrupted", sample.corrupted ? "Y" : "N", crash.corrupted ? "Y " + crash.corrupted_why : "N");
}

void count(const Sample& sample, Tally& tally) {
  const auto facts = analyse(sample.log);
  Crash crash;
  for (const auto& boot : facts.boots) {
    if (boot.crashes.empty()) continue;
    crash = boot.crashes.front();
    break;
  }
  if (crash.type.empty()) crash.type = "UNKNOWN";
  ++tally.files;
  tally.titles += crash.title == sample.title;
  tally.types += crash.type == sample.type;
  tally.alternatives += crash.alternatives == sample.alternatives;
  tally.panicked += crash.panicked == sample.panicked;
  tally.flagged += crash.corrupted;
  tally.corrupted += sample.corrupted;
  tally.both += crash.corrupted && sample.corrupted;
  show(sample, crash);
}

TEST(Corpus, CountsDoNotGetWorse) {
  const auto folder = stdfs::path(places::source) / "../shared/corpus/console-reports";
  if (!stdfs::exists(folder)) GTEST_SKIP() << "the corpus is not beside this checkout: " << folder;
  Tally tally;
  for (const auto& entry : stdfs::directory_iterator(folder)) {
    if (entry.path().filename() != "LICENSE") count(parse_sample(entry.path()), tally);
  }
  fmt::print(
      "corpus: {} files; exactly right: titles {}, types {}, alternatives {}, panicked {}; corrupted: said "
      "{}, is {}, both {}\n",
      tally.files, tally.titles, tally.types, tally.alternatives, tally.panicked, tally.flagged,
      tally.corrupted, tally.both);
  EXPECT_GE(tally.titles, 463);
  EXPECT_GE(tally.types, 486);
  EXPECT_GE(tally.alternatives, 476);
  EXPECT_GE(tally.panicked, 495);
  EXPECT_GE(tally.both, 82);
  EXPECT_LE(tally.flagged, 87);
}

// The lines of a report, alone, are the same report.
TEST(Corpus, AReportAloneIsTheSameReport) {
  const auto folder = stdfs::path(places::source) / "../shared/corpus/console-reports";
  if (!stdfs::exists(folder)) GTEST_SKIP() << "the corpus is not beside this checkout: " << folder;
  int reports = 0;
  for (const auto& entry : stdfs::directory_iterator(folder)) {
    if (entry.path().filename() == "LICENSE") continue;
    const auto sample = parse_sample(entry.path());
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
