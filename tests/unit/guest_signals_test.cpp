// SPDX-License-Identifier: GPL-2.0-only
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/base/limits.h"
#include "harness/guest/signals.h"

// Numbers of the guest's own programs have ranges, too: a guest's kernel may hand it any bytes.
namespace hangar::guest {
namespace {

// Values at the bounds parse, those beyond do not.
template <typename Parses>
void check(const char* what, const Range& range, Parses parses) {
  EXPECT_TRUE(parses(std::to_string(range.most))) << what;
  EXPECT_TRUE(parses(std::to_string(range.least))) << what;
  for (const std::string& number :
       {std::to_string(static_cast<std::uint64_t>(range.most) + 1), std::string("-1"),
        std::string("18446744073709551615"), std::string(40, '9')})
    EXPECT_FALSE(parses(number)) << what << " " << number;
}

constexpr Range any_count{0, INT64_MAX};

TEST(Bounds, Beats) {
  const auto in = [](const char* pattern) {
    return [=](const std::string& number) {
      return parse_beat(fmt::format(fmt::runtime(pattern), number)).has_value();
    };
  };
  check("seq", limits::count, in("P {} 2 3 4 r -"));
  check("uptime", limits::milliseconds, in("P 1 {} 3 4 r -"));
  check("probe", limits::count, in("P 1 2 {} 4 r -"));
  check("progress", any_count, in("P 1 2 3 {} r -"));
  check("status", {0, 255}, in("P 1 2 3 4 x {}"));
  check("step", limits::count, in("P 1 2 3 4 r - {} 5"));
  check("step's progress", any_count, in("P 1 2 3 4 r - 1 {}"));
}

TEST(Bounds, AgentLines) {
  const auto in = [](const std::string& pattern) {
    return [=](const std::string& number) {
      const auto at = pattern.find("{}");
      return parse_agent(pattern.substr(0, at) + number + pattern.substr(at + 2)).has_value();
    };
  };
  check("pid", limits::pid, in(R"({"t":"role","role":"hog","pid":{}})"));
  check("pid", limits::pid, in(R"({"t":"gone","pid":{}})"));
  check("code", {0, 255}, in(R"({"t":"exit","code":{},"signal":0})"));
  check("signal", {0, 127}, in(R"({"t":"exit","code":0,"signal":{}})"));
  check("step", limits::count, in(R"({"t":"step","n":{},"pid":40})"));
  check("step", limits::count, in(R"({"t":"step-exit","n":{},"code":0,"signal":0})"));
  check("step's code", {0, 255}, in(R"({"t":"step-exit","n":1,"code":{},"signal":0})"));
  check("rounds", limits::count, in(R"({"t":"probe","n":{}})"));
  check("progress", any_count, in(R"({"t":"progress","count":{}})"));
}

TEST(Sequence, BeatsHaveTheStepOrNot) {
  const auto plain = parse_beat("P 1 2 3 4 r -");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->step, 0u);
  const auto beat = parse_beat("P 1 2 3 4 x 139 6 2");
  ASSERT_TRUE(beat);
  EXPECT_EQ(beat->step, 6u);
  EXPECT_EQ(beat->step_progress, 2u);
  EXPECT_EQ(beat->status, 139);
  EXPECT_FALSE(parse_beat("P 1 2 3 4 r - 6"));
}

TEST(Sequence, CommandsAreOneForEachStepAndAStartWithoutAProgram) {
  EXPECT_EQ(step_command(true, {"/repro/bin/x", "--n", "1"}), "step\t1\t/repro/bin/x\t--n\t1\n");
  EXPECT_EQ(step_command(false, {"/repro/bin/x"}), "step\t0\t/repro/bin/x\n");
  EXPECT_EQ(start_command(7, 20, {}), "start\t7\t20\n");
  EXPECT_EQ(start_command(7, 20, {"/repro/bin/x"}), "start\t7\t20\t/repro/bin/x\n");
}

// A code that is none must not become 0, which is success.
TEST(Bounds, ExitNeedsItsStatus) {
  EXPECT_FALSE(parse_agent(R"({"t":"exit"})"));
  EXPECT_FALSE(parse_agent(R"({"t":"exit","code":"0","signal":0})"));
  EXPECT_FALSE(parse_agent(R"({"t":"exit","code":4294967296,"signal":0})"));
  EXPECT_FALSE(parse_agent(R"({"t":"exit","code":0.0,"signal":0})"));
}

TEST(Bounds, ProbeTimesDoNotOverflow) {
  const auto took = [](const std::string& fork) {
    return parse_agent(R"({"t":"probe","n":1,"fork_us":)" + fork + R"(,"fault_us":2,"read_us":null})")
        ->took_us;
  };
  EXPECT_EQ(took("1"), 3);
  EXPECT_EQ(took("4294967295000000"), 4294967295000002);
  EXPECT_EQ(took("4294967295000001"), std::nullopt);
  EXPECT_EQ(took("9223372036854775807"), std::nullopt);
  EXPECT_EQ(took("-1"), std::nullopt);
  EXPECT_EQ(took("\"1\""), std::nullopt);
}

}  // namespace
}  // namespace hangar::guest
