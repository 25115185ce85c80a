// SPDX-License-Identifier: GPL-2.0-only
// The live line at four widths, in every state of a run.
#include <gmock/gmock.h>

#include "harness/cli/status_line.h"

namespace hangar::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

constexpr const char* cell = "mmap-lock-livelock on v6.1-oom-2015";

struct State {
  const char* name;
  run::Status status;
  std::string at_120;
  std::string at_80;
  std::string at_60;
  std::string at_40;
};

std::ostream& operator<<(std::ostream& os, const State& state) {
  return os << state.name;
}

class StatusLine : public testing::TestWithParam<State> {};

TEST_P(StatusLine, KeepsPulseProbeAndKillsAtEveryWidth) {
  const State& state = GetParam();
  EXPECT_EQ(status_line(cell, state.status, 120), state.at_120);
  EXPECT_EQ(status_line(cell, state.status, 80), state.at_80);
  EXPECT_EQ(status_line(cell, state.status, 60), state.at_60);
  EXPECT_EQ(status_line(cell, state.status, 40), state.at_40);
  for (size_t width = 40; width <= 160; ++width) {
    const std::string line = status_line(cell, state.status, width);
    EXPECT_LE(line.size(), width) << line;
    EXPECT_THAT(line, ContainsRegex("pulse (ok|-|silent|[0-9]+s)"));
    EXPECT_THAT(line, ContainsRegex("probe (ok|-|silent|[0-9]+s)"));
    EXPECT_THAT(line, ContainsRegex("[0-9]+ (OOM )?kills?(,|$)"));
  }
}

std::vector<State> states() {
  return {
      {"boot",
       {3.2, "boot", 0, std::nullopt, std::nullopt, 0, ""},
       "mmap-lock-livelock on v6.1-oom-2015: 3 s, boot, guest up 0.0 s, pulse -, probe -, 0 OOM kills",
       "mmap-lock-livelock on v6.1-oom-2015: 3 s, boot, pulse -, probe -, 0 OOM kills",
       "mmap-lock-livel…: 3 s, boot, pulse -, probe -, 0 OOM kills",
       "3 s, boot, pulse -, probe -, 0 OOM kills"},
      {"run",
       {12.4, "run", 10.1, 0.1, 0.9, 0, ""},
       "mmap-lock-livelock on v6.1-oom-2015: 12 s, run, guest up 10.1 s, pulse ok, probe ok, 0 OOM kills",
       "mmap-lock-livelock on v6.1-oom-2015: 12 s, run, pulse ok, probe ok, 0 OOM kills",
       "mmap-lock-liv…: 12 s, run, pulse ok, probe ok, 0 OOM kills",
       "12 s, run, pulse ok, probe ok, 0 kills"},
      {"probe_fades",
       {40.0, "run", 37.5, 0.1, 6.2, 2, ""},
       "mmap-lock-livelock on v6.1-oom-2015: 40 s, run, guest up 37.5 s, pulse ok, probe silent 6 s, 2 OOM "
       "kills",
       "mmap-lock-livelock on v6.…: 40 s, run, pulse ok, probe silent 6 s, 2 OOM kills",
       "40 s, run, pulse ok, probe silent 6 s, 2 OOM kills",
       "40 s, run, pulse ok, probe 6s, 2 kills"},
      {"memory_stall",
       {123.4, "hang", 120.0, 0.2, 100.3, 3, "memory-stall for 100 s"},
       "mmap-lock-livelock on v6.1-oom-2015: 123 s, hang, pulse ok, probe silent 100 s, 3 OOM kills, "
       "memory-stall for 100 s",
       "mmap-lock-livelock on…: 123 s, hang, pulse ok, probe silent 100 s, 3 OOM kills",
       "123 s, hang, pulse ok, probe silent 100 s, 3 OOM kills",
       "hang, pulse ok, probe 100s, 3 kills"},
      {"hard",
       {1234.4, "hang", 220.0, 1014.2, 1014.9, 12, "hard for 1014 s"},
       "mmap-lock-livelock on v6.1-oom-2015: 1234 s, hang, pulse silent 1014 s, probe silent 1015 s, 12 OOM "
       "kills",
       "1234 s, hang, pulse silent 1014 s, probe silent 1015 s, 12 OOM kills",
       "1234 s, hang, pulse 1014s, probe 1015s, 12 kills",
       "hang, pulse 1014s, probe 1015s, 12 kills"},
      {"exit",
       {60.2, "exit", 58.0, 0.1, 0.2, 1, ""},
       "mmap-lock-livelock on v6.1-oom-2015: 60 s, exit, guest up 58.0 s, pulse ok, probe ok, 1 OOM kill",
       "mmap-lock-livelock on v6.1-oom-2015: 60 s, exit, pulse ok, probe ok, 1 OOM kill",
       "mmap-lock-liv…: 60 s, exit, pulse ok, probe ok, 1 OOM kill",
       "60 s, exit, pulse ok, probe ok, 1 kill"},
  };
}

INSTANTIATE_TEST_SUITE_P(, StatusLine, testing::ValuesIn(states()),
                         [](const auto& state) { return std::string(state.param.name); });

TEST(StatusLineName, ShortOneStaysWholeAndTheNoteGoesFirst) {
  const run::Status status{123.4, "hang", 120.0, 0.2, 100.3, 3, "memory-stall for 100 s"};
  EXPECT_EQ(status_line("oom on v6.1", status, 80),
            "oom on v6.1: 123 s, hang, pulse ok, probe silent 100 s, 3 OOM kills");
}

TEST(StatusLineName, EscapesOfATerminalDoNotPass) {
  EXPECT_THAT(status_line("a\033[31mb", {}, 200), testing::Not(HasSubstr("\033")));
  const run::Status noted{12.4, "ru\033n", 10.1, 0.1, 0.9, 0, "note\033[2J"};
  EXPECT_THAT(status_line("cell", noted, 200),
              testing::AllOf(HasSubstr("note\\x1b[2J"), testing::Not(HasSubstr("\033"))));
}

}  // namespace
}  // namespace hangar::cli
