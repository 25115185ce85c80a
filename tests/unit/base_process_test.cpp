// SPDX-License-Identifier: GPL-2.0-only
#include <chrono>

#include <gmock/gmock.h>

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
  const auto finished = run(command);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->status, 3);
  EXPECT_THAT(lines, ElementsAre("one", "two", "three"));
}

TEST(Process, StderrGoesToAFileWhenAsked) {
  const auto folder = TempDir::make(testing::TempDir(), "t");
  ASSERT_TRUE(folder);
  Command command{.argv = {"sh", "-c", "echo out; echo err >&2"}, .separate_stderr = true};
  command.stderr_file = folder->path() / "stderr";
  const auto finished = run(command);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->output, "out\n");
  EXPECT_EQ(*read_file(command.stderr_file), "err\n");
}

TEST(Process, DeadlineKillsTheWholeGroup) {
  const auto began = std::chrono::steady_clock::now();
  Command command{.argv = {"sh", "-c", "sleep 60 & sleep 60"}, .deadline = std::chrono::milliseconds(200)};
  const auto finished = run(command);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
}

TEST(Process, FailureCarriesArgvStatusAndLastLines) {
  const auto finished = run_checked({.argv = {"sh", "-c", "echo 'no such disk'; exit 7"}});
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().message, HasSubstr("status 7"));
  EXPECT_THAT(finished.error().message, HasSubstr("sh -c"));
  EXPECT_EQ(finished.error().detail, "no such disk");
}

TEST(Process, MissingProgramIsOneClearMessage) {
  const auto finished = run({.argv = {"no-such-program-here"}});
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().message, HasSubstr("no-such-program-here"));
}

TEST(Process, QuotesForAShell) {
  EXPECT_EQ(shell_line({"a", "b c", "d'e"}), "a 'b c' 'd'\\''e'");
}

TEST(Process, EnvironmentIsAddedAndReplaced) {
  const auto finished =
      run({.argv = {"sh", "-c", "echo $HANGAR_T; test -n \"$PATH\""}, .environment = {{"HANGAR_T", "x"}}});
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->output, "x\n");
  EXPECT_TRUE(finished->good());
}

}  // namespace
}  // namespace hangar
