// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/scenario/sequence.h"
#include "harness/scenario/sequence_text.h"

namespace hangar::scenario {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// `steps` is the value of `sequence`, `more` are further keys.
Result<Scenario> parse(const std::string& steps, const std::string& more = "") {
  return parse_scenario("scenario: s\nsequence: " + steps + "\n" + more + "kernels: [v6.1]\n", "s.yaml");
}

std::string message_of(const std::string& steps, const std::string& more = "") {
  const auto scenario = parse(steps, more);
  return scenario ? "no error" : scenario.error().message;
}

TEST(Sequence, IsReadWithItsDefaults) {
  const auto scenario = parse(R"(
  - {program: load, args: {n: 2}, times: 2}
  - {program: ./net.c}
  - {program: load, name: again, may-fail: true}
)",
                              "order: random\n");
  ASSERT_TRUE(scenario) << scenario.error().message;
  ASSERT_EQ(scenario->sequence.size(), 3u);
  EXPECT_EQ(scenario->order, Order::random);
  EXPECT_EQ(scenario->sequence[0].name, "load");
  EXPECT_EQ(scenario->sequence[1].name, "net");
  EXPECT_EQ(scenario->sequence[2].name, "again");
  EXPECT_TRUE(scenario->sequence[2].may_fail);
  EXPECT_FALSE(scenario->sequence[0].may_fail);
  EXPECT_THAT(guest_argv(scenario->sequence[0].reproducer), ElementsAre("/repro/bin/load", "--n", "2"));
  EXPECT_THAT(steps_in_order(*scenario), ElementsAre(1, 1, 2, 3));
  EXPECT_EQ(scenario->reproducer.program, "");
}

TEST(Sequence, WrongOnesAreLocatedAndExplained) {
  EXPECT_THAT(message_of("[{program: a, time: 2}]"),
              HasSubstr("s.yaml:2:25: unknown key `time` (did you mean `times`?)"));
  EXPECT_THAT(message_of("[{program: a, may_fail: true}]"), HasSubstr("did you mean `may-fail`?"));
  EXPECT_THAT(message_of("[{args: {a: 1}}]"), HasSubstr("program"));
  EXPECT_THAT(message_of("[{program: ''}]"), HasSubstr("expected the name of a program"));
  EXPECT_THAT(message_of("[]"), HasSubstr("expected 1 to 64 steps"));
  EXPECT_THAT(message_of("{program: a}"), HasSubstr("expected a list of steps"));
  EXPECT_THAT(message_of("[{program: a, times: 0}]"), HasSubstr("expected 1 to 256 times"));
  EXPECT_THAT(message_of("[{program: a, times: 200}, {program: b, times: 57}]"),
              HasSubstr("the steps run 257 times; the limit is 256"));
  EXPECT_THAT(message_of("[{program: a, name: 'a b'}]"), HasSubstr("s.yaml:2:"));
  EXPECT_THAT(message_of(R"([{program: a, args: {x: "a\tb"}}])"), HasSubstr("control characters"));
  EXPECT_THAT(message_of("[{program: a}]", "reproducer: {program: b}\n"), HasSubstr("mutually exclusive"));
  EXPECT_THAT(message_of("[{program: a}]", "order: fixd\n"), HasSubstr("did you mean `fixed`?"));
}

TEST(Sequence, LimitsOfStepsAndArguments) {
  std::string steps;
  for (int i = 0; i < 65; ++i) steps += "{program: a},";
  EXPECT_THAT(message_of("[" + steps + "]"), HasSubstr("expected 1 to 64 steps"));
  EXPECT_EQ(message_of("[" + steps.substr(0, steps.rfind('{')) + "]"), "no error");
  std::string args;
  for (int i = 0; i < 30; ++i) args += fmt::format("k{}: 1,", i);
  EXPECT_THAT(message_of("[{program: a, args: {" + args + "}}]"), HasSubstr("at most 29 arguments"));
  EXPECT_THAT(message_of("[{program: a, args: {k: " + std::string(1700, 'x') + "}}]"),
              HasSubstr("at most 1700 bytes"));
  EXPECT_EQ(message_of("[{program: a, args: {k: " + std::string(1600, 'x') + "}}]"), "no error");
}

TEST(Sequence, OrderNeedsASequence) {
  const auto scenario =
      parse_scenario("scenario: s\nreproducer: {program: a}\norder: random\nkernels: [k]\n", "s.yaml");
  ASSERT_FALSE(scenario);
  EXPECT_THAT(scenario.error().message, HasSubstr("s.yaml:3:8: `order` requires a `sequence`"));
  const auto neither = parse_scenario("scenario: s\nkernels: [k]\n", "s.yaml");
  ASSERT_FALSE(neither);
  EXPECT_THAT(neither.error().message, HasSubstr("reproducer"));
}

TEST(Sequence, ShuffledOrderFollowsFromTheSeed) {
  const std::vector<int> steps = {1, 2, 3, 4, 5, 6, 6};
  const auto first = shuffled(steps, 7);
  EXPECT_EQ(first, shuffled(steps, 7));
  bool differs = false;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    auto order = shuffled(steps, seed);
    differs = differs || order != first;
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, steps);
  }
  EXPECT_TRUE(differs);
}

const std::string file_text = R"(# About this file.
scenario: s
sequence:  # six of them
  - program: load
    args: {n: "1: 2", "odd key": 'x'}
  # a comment
  - {program: net}
order: random
run: {deadline: 20s}
kernels: [v6.1]
)";

TEST(SequenceText, HasTheStepsAndAllElse) {
  const auto scenario = parse_scenario(file_text, "s.yaml");
  ASSERT_TRUE(scenario) << scenario.error().message;
  scenario::Step load = scenario->sequence[0];
  scenario::Step net = scenario->sequence[1];
  net.may_fail = true;
  const auto text = with_sequence(file_text, {load, load, net});
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text, R"(# About this file.
scenario: s
sequence:
  - {program: "load", args: {"n": "1: 2", "odd key": "x"}, times: 2, name: "load"}
  - {program: "net", name: "net", may-fail: true}
run: {deadline: 20s}
kernels: [v6.1]
)");
}

TEST(SequenceText, FlowStyleOverSeveralLines) {
  const std::string flow = "scenario: s\nkernels: [v6.1]\nsequence: [{program: a},\n  {program: b}\n]\n";
  const auto scenario = parse_scenario(flow, "s.yaml");
  ASSERT_TRUE(scenario) << scenario.error().message;
  const auto text = with_sequence(flow, {scenario->sequence[1]});
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "scenario: s\nkernels: [v6.1]\nsequence:\n  - {program: \"b\", name: \"b\"}\n");
}

// A key that does not begin in the first column is not found: the file stays as it was.
TEST(SequenceText, WhatCannotBeReplacedIsAnError) {
  const std::string one_line = "{scenario: s, kernels: [v6.1], sequence: [{program: a}, {program: b}]}\n";
  const auto scenario = parse_scenario(one_line, "s.yaml");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_THAT(with_sequence(one_line, {scenario->sequence[1]}).error().message,
              HasSubstr("cannot be replaced"));
}

TEST(Steps, OfTheCommandLine) {
  const auto steps = parse_steps("1,2,2,5");
  ASSERT_TRUE(steps);
  EXPECT_THAT(*steps, ElementsAre(1, 2, 2, 5));
  for (const char* wrong : {"", "1,", "0", "65", "x", "1;2", "1,,2", "-1", "1.5"})
    EXPECT_FALSE(parse_steps(wrong)) << wrong;
  const auto scenario = parse("[{program: a}, {program: b}]");
  ASSERT_TRUE(scenario);
  EXPECT_TRUE(check_steps(*scenario, {2, 1}));
  EXPECT_THAT(check_steps(*scenario, {1, 3}).error().message, HasSubstr("has 2 steps, and no step 3"));
  EXPECT_THAT(check_steps(Scenario(), {1}).error().message, HasSubstr("is not a sequence"));
}

}  // namespace
}  // namespace hangar::scenario
