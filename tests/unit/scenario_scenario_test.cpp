// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/scenario.h"

#include <gmock/gmock.h>

#include "harness/scenario/judged.h"

namespace hangar::scenario {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string worked_example = R"(scenario: lock
about: Threads wait.
reproducer: {program: lock, args: {writers: 10, touch: file}}
machine: {cpus: 2, memory: 256MiB, disk: ext4, accel: auto}
run: {repeat: 3, deadline: 90s, hang-threshold: 10s, on-hang: standard}
kernels: [v6.1, v6.1-oom-2015]
expect:
  - kernels: [v6.1]
    each-run: {hang: none, oom-kills: {exactly: 1}, victims: [hog], crashes: none, exit: 0}
  - kernels: [v6.1-oom-2015]
    each-run: {hang: {kind: memory-stall, longest: {at-least: 30s}}, victims: [child]}
    cell: {hang-rate: {at-least: 0.8}}
)";

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string message_of(const std::string& text) {
  const auto scenario = parse_scenario(text, "s.yaml");
  return scenario ? "no error" : scenario.error().message;
}

TEST(Scenario, ReadsTheWorkedExample) {
  const auto scenario = parse_scenario(worked_example, "s.yaml");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_THAT(guest_argv(scenario->reproducer),
              ElementsAre("/repro/bin/lock", "--writers", "10", "--touch", "file"));
  EXPECT_EQ(scenario->machine.memory_bytes, 256u << 20);
  EXPECT_EQ(scenario->run.deadline, std::chrono::seconds(90));
  EXPECT_EQ(scenario->run.on_hang.size(), standard_ladder().size());
  const auto plain = expectations_for(*scenario, "v6.1");
  EXPECT_TRUE(plain.each_run.hang->none);
  EXPECT_TRUE(plain.each_run.crashes->empty());
  EXPECT_EQ(plain.each_run.exit_code, 0);
  EXPECT_FALSE(plain.cell.hang_rate);
  const auto old = expectations_for(*scenario, "v6.1-oom-2015");
  EXPECT_EQ(old.each_run.hang->longest_s->at_least, 30);
  EXPECT_EQ(old.cell.hang_rate->at_least, 0.8);
}

TEST(Scenario, TyposAreLocatedAndExplained) {
  EXPECT_THAT(message_of(with(worked_example, "at-least: 30s", "at-lest: 30s")),
              HasSubstr("s.yaml:11:53: unknown key `at-lest` (did you mean `at-least`?)"));
  EXPECT_THAT(message_of(with(worked_example, "memory-stall", "memory-stal")),
              HasSubstr("did you mean `memory-stall`?"));
  EXPECT_THAT(message_of(with(worked_example, "kernels: [v6.1]", "kernels: [v6.2]")),
              HasSubstr("not among this scenario's kernels"));
  EXPECT_THAT(message_of(with(worked_example, "256MiB", "256")), HasSubstr("256MiB or 1GiB"));
  EXPECT_THAT(message_of(with(worked_example, "repeat: 3", "repeat: 0")), HasSubstr("s.yaml:5:"));
}

TEST(Scenario, WrongValuesAreExplained) {
  EXPECT_THAT(message_of(with(worked_example, "hang: none", "hang: no")),
              HasSubstr("s.yaml:9:22: invalid value `no` (expected `none` or a map"));
  EXPECT_THAT(message_of(with(worked_example, "exit: 0", "exit: 0, finding: mmap-livelock")),
              HasSubstr("unknown finding `mmap-livelock`; known: child-sacrificed"));
  EXPECT_EQ(message_of(with(worked_example, "exit: 0", "exit: 0, finding: silent-hang")), "no error");
  EXPECT_THAT(message_of(with(worked_example, "at-least: 0.8", "at-least: -0.5")),
              HasSubstr("between 0 and 1"));
  EXPECT_THAT(message_of(with(worked_example, "{at-least: 0.8}", "{at-most: -1}")),
              HasSubstr("between 0 and 1"));
  EXPECT_THAT(message_of(with(worked_example, "at-least: 0.8", "at-least: 1.5")),
              HasSubstr("between 0 and 1"));
  EXPECT_THAT(message_of(with(worked_example, "exit: 0", "exit: well")), HasSubstr("invalid value `well`"));
  EXPECT_THAT(message_of(with(worked_example, "exit: 0", "exit: 256")), HasSubstr("from 0 to 255"));
  EXPECT_THAT(message_of(with(worked_example, "exit: 0", "exit: {signal: 0}")), HasSubstr("1 to 64"));
}

TEST(Scenario, NamesAndKeysAreChecked) {
  const auto named = [](const std::string& name) {
    return message_of(with(worked_example, "scenario: lock", "scenario: " + name));
  };
  EXPECT_EQ(named("mmap-lock-livelock"), "no error");
  EXPECT_THAT(named("../../x"), HasSubstr("`../../x` is not a name"));
  EXPECT_THAT(named(std::string(300, 'n')), HasSubstr("at most 64"));
  const auto keys = [](const std::string& text) {
    return message_of(with(worked_example, "on-hang: standard", "on-hang: [{keys: " + text + "}]"));
  };
  EXPECT_EQ(keys("9mwtldfz"), "no error");
  EXPECT_THAT(keys("\"m!\""), HasSubstr("`!` is not a SysRq key: the keys are 0-9, b-w and z"));
  EXPECT_THAT(keys("M"), HasSubstr("`M` is not a SysRq key"));
  EXPECT_THAT(keys("\"w\\nf\""), HasSubstr("`\\x0a` is not a SysRq key"));
}

TEST(Scenario, TimesEndAtADay) {
  EXPECT_EQ(message_of(with(worked_example, "deadline: 90s", "deadline: 24h")), "no error");
  EXPECT_THAT(message_of(with(worked_example, "deadline: 90s", "deadline: 25h")), HasSubstr("at most 24h"));
  EXPECT_THAT(message_of(with(worked_example, "hang-threshold: 10s", "hang-threshold: 1000000000s")),
              HasSubstr("at most 24h"));
  EXPECT_THAT(message_of(with(worked_example, "on-hang: standard", "on-hang: [{after: 100h}]")),
              HasSubstr("at most 24h"));
}

TEST(Scenario, WhatIsExpectedOfTheProgram) {
  const auto scenario = parse_scenario(
      with(worked_example, "crashes: none, exit: 0", "crashes: any, exit: any, progress: {at-least: 20}"),
      "s.yaml");
  ASSERT_TRUE(scenario) << scenario.error().message;
  const auto run = expectations_for(*scenario, "v6.1").each_run;
  EXPECT_TRUE(run.any_crashes);
  EXPECT_TRUE(run.any_exit);
  EXPECT_FALSE(run.exit_code);
  EXPECT_EQ(run.progress->at_least, 20);
}

TEST(Scenario, TheMatrixIsFurtherKernels) {
  const std::string text = with(with(worked_example, "expect:", "matrix: [v6.12, newest]\nexpect:"),
                                "kernels: [v6.1]\n", "kernels: [v6.1, newest]\n");
  const auto scenario = parse_scenario(text, "s.yaml");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_THAT(scenario->kernels, ElementsAre("v6.1", "v6.1-oom-2015"));
  EXPECT_THAT(all_kernels(*scenario), ElementsAre("v6.1", "v6.1-oom-2015", "v6.12", "newest"));
  EXPECT_EQ(expectations_for(*scenario, "newest").each_run.exit_code, 0);
  EXPECT_THAT(message_of(with(text, "v6.12, newest]", "v6.12, v6.1]")), HasSubstr("duplicate kernel `v6.1`"));
}

TEST(Scenario, TheDiskMayBeXfsAndSlow) {
  const auto scenario =
      parse_scenario(with(worked_example, "disk: ext4", "disk: xfs, disk-iops: 50"), "s.yaml");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->machine.disk, "xfs");
  EXPECT_EQ(scenario->machine.disk_iops, 50);
  EXPECT_EQ(scenario->machine.cpus, 2);
  EXPECT_THAT(message_of(with(worked_example, "disk: ext4", "disk: xsf")),
              HasSubstr("invalid value `xsf` (expected ext4, xfs)"));
  EXPECT_THAT(message_of(with(worked_example, "disk: ext4", "disk-iops: 0")), HasSubstr("s.yaml:4:"));
}

TEST(Scenario, LadderCanBeAList) {
  const auto scenario = parse_scenario(with(worked_example, "on-hang: standard",
                                            "on-hang: [{keys: w}, {after: 5s, keys: f, do: [vcpus, dump]}]"),
                                       "s.yaml");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->run.on_hang.at(1).after, std::chrono::seconds(5));
  EXPECT_EQ(scenario->run.on_hang.at(1).keys, "f");
  EXPECT_THAT(scenario->run.on_hang.at(1).acts, testing::ElementsAre(Act::vcpus, Act::dump));
  EXPECT_THAT(message_of(with(worked_example, "on-hang: standard", "on-hang: [{do: [vcpu]}]")),
              HasSubstr("did you mean `vcpus`?"));
}

TEST(Scenario, EveryPrefixIsReadOrRefusedNeverCrashes) {
  for (size_t length = 0; length < worked_example.size(); ++length)
    (void)parse_scenario(worked_example.substr(0, length), "s.yaml");
}

}  // namespace
}  // namespace hangar::scenario
