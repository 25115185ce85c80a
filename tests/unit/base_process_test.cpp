// SPDX-License-Identifier: GPL-2.0-only
#include <chrono>
#include <csignal>

#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/base/process.h"

namespace hangar {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Process, DeliversLinesAndStatus) {
  std::vector<std::string> lines;
  Command command{.argv = {"sh", "-c", "echo one; echo two >&2; printf three; exit 3"}};
  command.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  const auto finished = run_process(command);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->status, 3);
  EXPECT_THAT(lines, ElementsAre("one", "two", "three"));
}

TEST(Process, StderrGoesToAFileWhenAsked) {
  const auto folder = TempDir::make(testing::TempDir(), "t");
  ASSERT_TRUE(folder);
  Command command{.argv = {"sh", "-c", "echo out; echo err >&2"}, .separate_stderr = true};
  command.stderr_file = folder->path() / "stderr";
  const auto finished = run_process(command);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->output, "out\n");
  EXPECT_EQ(*read_file(command.stderr_file), "err\n");
}

TEST(Process, DeadlineKillsTheWholeGroup) {
  const auto began = std::chrono::steady_clock::now();
  Command command{.argv = {"sh", "-c", "sleep 60 & sleep 60"}, .deadline = std::chrono::milliseconds(200)};
  const auto finished = run_process(command);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
}

// Ends within the grace: what it does on SIGTERM is done.
TEST(Process, GraceLetsAChildTidyUp) {
  Command command{
      .argv = {"sh", "-c", "trap 'echo tidied; exit 5' TERM; echo ready; while :; do sleep 0.05; done"}};
  command.deadline = std::chrono::milliseconds(500);
  command.grace = std::chrono::seconds(20);
  const auto began = std::chrono::steady_clock::now();
  const auto finished = run_process(command);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->timed_out);
  EXPECT_EQ(finished->output, "ready\ntidied\n");
  EXPECT_EQ(finished->status, 5);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(15));
}

TEST(Process, ChildThatDoesNotEndWithinItsGraceIsKilledWithItsGroup) {
  Command command{.argv = {"sh", "-c", "trap '' TERM; sleep 60 & sleep 60"}};
  command.deadline = std::chrono::milliseconds(100);
  command.grace = std::chrono::milliseconds(400);
  const auto began = std::chrono::steady_clock::now();
  const auto finished = run_process(command);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->signal, SIGKILL);
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(500));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
}

TEST(Process, CancellationGivesTheGraceToo) {
  const auto folder = TempDir::make(testing::TempDir(), "t");
  ASSERT_TRUE(folder);
  const std::string mark = (folder->path() / "tidied").string();
  Command command{
      .argv = {"sh", "-c",
               "trap 'touch " + mark + "; exit 0' TERM; echo ready; while :; do sleep 0.05; done"}};
  command.grace = std::chrono::seconds(20);
  command.on_line = [](std::string_view) { Cancel::request(); };
  const auto finished = run_process(command);
  Cancel::reset();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().fault, Fault::interrupted);
  EXPECT_TRUE(fs::exists(mark));
}

// A terminal signals the foreground group: ours, and not the child's.
TEST(Process, ChildHasAProcessGroupOfItsOwn) {
  const auto finished = run_process({.argv = {"sh", "-c", "cut -d' ' -f5 /proc/$$/stat; echo $$"}});
  ASSERT_TRUE(finished);
  const std::string& output = finished->output;
  const std::string group = output.substr(0, output.find('\n'));
  EXPECT_EQ(output, group + "\n" + group + "\n");
  EXPECT_NE(group, std::to_string(::getpgrp()));
}

TEST(Process, HasADeadlineWhereNoneIsGiven) {
  EXPECT_EQ(Command().deadline, deadline_of::build);
  EXPECT_EQ(Command().grace.count(), 0);
}

TEST(Process, FailureCarriesArgvStatusAndLastLines) {
  const auto finished = run_checked({.argv = {"sh", "-c", "echo 'no such disk'; exit 7"}});
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().message, HasSubstr("status 7"));
  EXPECT_THAT(finished.error().message, HasSubstr("sh -c"));
  EXPECT_EQ(finished.error().detail, "no such disk");
}

TEST(Process, MissingProgramIsOneClearMessage) {
  const auto finished = run_process({.argv = {"no-such-program-here"}});
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().message, HasSubstr("no-such-program-here"));
}

TEST(Process, QuotesForAShell) {
  EXPECT_EQ(shell_line({"a", "b c", "d'e"}), "a 'b c' 'd'\\''e'");
}

TEST(Process, EnvironmentIsAddedAndReplaced) {
  const auto finished = run_process(
      {.argv = {"sh", "-c", "echo $HANGAR_T; test -n \"$PATH\""}, .environment = {{"HANGAR_T", "x"}}});
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->output, "x\n");
  EXPECT_TRUE(finished->good());
}

}  // namespace
}  // namespace hangar
