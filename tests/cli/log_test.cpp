// SPDX-License-Identifier: GPL-2.0-only
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/driver.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::string_view oom =
    "[    1.000000] Linux version 6.1.0 (gcc) #1\n"
    "[    2.000000] Run /init as init process\n"
    "[   10.000000] hog invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER), order=0, oom_score_adj=0\n"
    "[   10.100000] Out of memory: Killed process 42 (hog) total-vm:300000kB, anon-rss:200000kB, "
    "file-rss:4kB, shmem-rss:0kB, UID:0 pgtables:500kB oom_score_adj:0\n";

class CliLog : public CliTest {};

TEST_F(CliLog, NeedsAFile) {
  const auto said = hangar({"log"});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, HasSubstr("missing argument FILE|RUN"));
}

TEST_F(CliLog, SaysWhatAMissingFileIsCalled) {
  const auto said = hangar({"log", "serial.lgo"});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, HasSubstr("serial.lgo"));
  EXPECT_EQ(said.out, "");
}

TEST_F(CliLog, SummaryNamesTheVictim) {
  const auto said = hangar({"log", write("oom.log", oom)});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("hog (42)"));
}

TEST_F(CliLog, JsonIsOneObjectOnStandardOutput) {
  const auto said = hangar({"log", "--json", write("oom.log", oom)});
  EXPECT_EQ(said.status, 0) << said.err;
  const auto parsed = json::parse(said.out);
  EXPECT_EQ(parsed["schema"], "hangar.log/1");
  EXPECT_EQ(parsed["boots"][0]["oom"][0]["kills"][0]["pid"], 42);
}

TEST_F(CliLog, OomIsExplained) {
  const auto said = hangar({"log", "--oom", write("oom.log", oom)});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, AllOf(HasSubstr("OOM 1: lines 3 to 4"), HasSubstr("hog (42) was killed"),
                              HasSubstr("Missing in the log"), HasSubstr("the memory report (Mem-Info)")));
  EXPECT_THAT(said.out, ::testing::Not(HasSubstr("0 pages")));
  const auto piped = shell("cat oom.log | $hangar log --oom -");
  EXPECT_EQ(piped.out, said.out);
}

TEST_F(CliLog, OomAsJson) {
  const auto said = hangar({"log", "--oom", "--json", write("oom.log", oom)});
  EXPECT_EQ(said.status, 0) << said.err;
  const auto parsed = json::parse(said.out);
  EXPECT_EQ(parsed["schema"], "hangar.oom/1");
  const auto& episode = parsed["episodes"].at(0);
  EXPECT_EQ(episode["victims"][0]["task"]["pid"], 42);
  EXPECT_EQ(episode["victims"][0]["anon_rss_kb"], 200000);
  EXPECT_TRUE(episode["memory"].is_null());
  const auto both = json::parse(hangar({"log", "--oom", "--json", "oom.log", "none.log"}).out);
  EXPECT_EQ(both["schema"], "hangar.ooms/1");
  EXPECT_EQ(both["logs"].size(), 1U);
  EXPECT_EQ(both["errors"].size(), 1U);
}

TEST_F(CliLog, NoOomIsOneLine) {
  const auto file = write("boot.log", "[    1.000000] Linux version 6.1.0 (gcc) #1\n");
  const auto said = hangar({"log", "--oom", file});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_EQ(said.out, file + ": no OOM report in this log\n");
  EXPECT_EQ(json::parse(hangar({"log", "--oom", "--json", file}).out)["episodes"].size(), 0U);
}

TEST_F(CliLog, OomAndFail) {
  const std::string panic = std::string(oom) + "[   11.000000] Kernel panic - not syncing: Fatal exception\n";
  EXPECT_EQ(hangar({"log", "--oom", "--fail", write("oom.log", oom)}).status, 0);
  EXPECT_EQ(hangar({"log", "--oom", "--fail", write("panic.log", panic)}).status, 1);
  EXPECT_EQ(hangar({"log", "--oom", "--json", "--fail", "panic.log"}).status, 1);
}

TEST_F(CliLog, StandardInputAndEmptyFiles) {
  write("oom.log", oom);
  EXPECT_THAT(shell("cat oom.log | $hangar log -").out, HasSubstr("hog (42)"));
}

TEST_F(CliLog, InputWithoutKernelLinesIsAnError) {
  const auto none = shell("$hangar log - </dev/null");
  EXPECT_EQ(none.status, 2);
  EXPECT_EQ(none.out, "");
  EXPECT_THAT(none.err, HasSubstr("standard input: no kernel lines in the input"));
  const auto empty = hangar({"log", write("empty.log", "")});
  EXPECT_EQ(empty.status, 2);
  EXPECT_THAT(empty.err, HasSubstr("empty.log: no kernel lines in the input"));
  EXPECT_EQ(hangar({"log", "--json", "empty.log"}).status, 2);
  EXPECT_EQ(shell("echo hello | $hangar log -").status, 2);
}

TEST_F(CliLog, FailIsForJobs) {
  const std::string panic = std::string(oom) + "[   11.000000] Kernel panic - not syncing: Fatal exception\n";
  const auto good = write("oom.log", oom);
  const auto bad = write("panic.log", panic);
  EXPECT_EQ(hangar({"log", "--fail", good}).status, 0);
  EXPECT_EQ(hangar({"log", bad}).status, 0);
  const auto failed = hangar({"log", "--fail", good, bad});
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.out, HasSubstr("Fatal exception"));
  EXPECT_EQ(hangar({"log", "--fail", "--json", bad}).status, 1);
}

TEST_F(CliLog, EventsAreOneObjectALine) {
  const auto said = hangar({"log", "--events", write("oom.log", oom)});
  EXPECT_EQ(said.status, 0) << said.err;
  std::istringstream lines(said.out);
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) names.push_back(json::parse(line)["event"]);
  EXPECT_THAT(names, ::testing::IsSupersetOf({"boot", "init", "oom_invoked", "oom_kill", "oom", "boot_end"}));
}

// The error is no event: it goes to standard error only.
TEST_F(CliLog, EventsOfADamagedFileAreStillOneObjectALine) {
  write("oom.log", oom);
  const auto said = shell(
      "for i in $(seq 20000); do echo \"[ $((20 + i)).000000] line $((i * 7919))\"; done | cat oom.log - | "
      "gzip -c | head -c 50000 >cut.gz; $hangar log --events --json cut.gz none.log");
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, AllOf(HasSubstr("cut.gz is damaged"), HasSubstr("none.log")));
  std::istringstream lines(said.out);
  int events = 0;
  for (std::string line; std::getline(lines, line); ++events)
    EXPECT_TRUE(json::parse(line, nullptr, false).contains("event")) << line;
  EXPECT_GT(events, 3);
}

TEST_F(CliLog, AFolderIsNoLog) {
  const auto said = hangar({"log", "."});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, HasSubstr(".: no serial.log"));
}

TEST_F(CliLog, OneBadFileDoesNotHideTheOthers) {
  const auto said = hangar({"log", "none.log", write("oom.log", oom)});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, HasSubstr("none.log"));
  EXPECT_THAT(said.out, HasSubstr("hog (42)"));
}

TEST_F(CliLog, BinaryGarbageIsReadAndShownSafely) {
  std::mt19937 random(20151012);
  std::string noise(300000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  const auto said = hangar({"log", write("noise", noise)});
  EXPECT_EQ(said.status, 2) << said.out;
  std::string hostile(oom);
  hostile.replace(hostile.find("hog) total"), 3,
                  "h\x1b[2J\xc2\x9b"
                  "5m");
  const auto shown = hangar({"log", write("hostile.log", hostile)});
  EXPECT_THAT(shown.out, HasSubstr("\\x1b[2J\\xc2\\x9b5m"));
  const auto as_json = hangar({"log", "--json", "hostile.log"});
  for (const auto& out : {shown.out, as_json.out}) {
    EXPECT_EQ(out.find('\x1b'), std::string::npos);
    EXPECT_EQ(out.find("\xc2\x9b"), std::string::npos);
  }
}

TEST_F(CliLog, AFullDiskIsAnErrorAndAClosedPipeIsNot) {
  write("oom.log", oom);
  const auto full = shell("$hangar log --json oom.log >/dev/full");
  EXPECT_EQ(full.status, 3);
  EXPECT_THAT(full.err, HasSubstr("standard output"));
  // A reader that goes ends the program, however long the log is.
  const auto piped = shell("yes \"$(cat oom.log)\" | $hangar log --events - | head -n 3");
  EXPECT_EQ(piped.status, 0);
  EXPECT_EQ(piped.err, "");
}

TEST_F(CliLog, FollowsAGrowingFileUntilInterrupted) {
  write("oom.log", oom);
  const auto said = shell(
      "head -n 2 oom.log >live.log; $hangar log --follow --events live.log >events & pid=$!\n"
      "until grep -q init events; do sleep 0.05; done; tail -n 2 oom.log >>live.log\n"
      "until grep -q oom_kill events; do sleep 0.05; done; kill -INT $pid; wait $pid; echo status $?; cat "
      "events");
  EXPECT_THAT(said.out, HasSubstr("status 0"));
  EXPECT_THAT(said.out, HasSubstr("boot_end"));
}

TEST_F(CliLog, FollowsAFileThatBeginsAnew) {
  write("oom.log", oom);
  const auto said = shell(
      "cat oom.log oom.log >live.log; $hangar log --follow --events live.log >events & pid=$!\n"
      "until [ $(grep -c oom_kill events) = 2 ]; do sleep 0.05; done; cat oom.log >live.log\n"
      "until [ $(grep -c oom_kill events) = 3 ]; do sleep 0.05; done; kill -INT $pid; wait $pid; echo status "
      "$?");
  EXPECT_THAT(said.out, HasSubstr("status 0"));
  EXPECT_THAT(said.err, HasSubstr("the log was truncated"));
}

TEST_F(CliLog, AnInterruptEndsAWaitForInput) {
  const auto said = shell(
      "mkfifo pipe; exec 9<>pipe; $hangar log - <pipe & pid=$!;"
      // bash starts it with the signal ignored: wait until it is hangar, and it is caught (bit 1 of the mask)
      "until [ \"$(cat /proc/$pid/comm)\" = hangar ] && grep -q '^SigCgt:.*[2367abef]$' /proc/$pid/status;"
      "do sleep 0.01; done; kill -INT $pid; wait $pid; echo status $?");
  EXPECT_THAT(said.out, HasSubstr("status 130"));
}

TEST_F(CliLog, FollowEndsWithThePipe) {
  write("oom.log", oom);
  EXPECT_THAT(shell("cat oom.log | $hangar log --follow -").out, HasSubstr("hog (42)"));
}

TEST_F(CliLog, WhatDoesNotGoTogether) {
  write("oom.log", oom);
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"--follow", "--json"}, {"--events", "--stacks"}, {"--follow", "x.log"}}) {
    std::vector<std::string> args = {"log"};
    args.insert(args.end(), words.begin(), words.end());
    args.emplace_back("oom.log");
    EXPECT_EQ(hangar(args).status, 2) << words.front();
  }
  EXPECT_EQ(shell("gzip -k oom.log; $hangar log --follow oom.log.gz").status, 2);
  EXPECT_THAT(shell("$hangar log oom.log.gz").out, HasSubstr("hog (42)"));
}

}  // namespace
}  // namespace hangar::cli_tests
