// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/scenario/judged.h"
#include "harness/verdict/judge.h"
#include "tests/places.h"

namespace hangar::scenario {
namespace {

using testing::HasSubstr;

Scenario scenario_of(const std::string& kernels, const std::string& expect) {
  const auto read = parse_scenario(
      "scenario: s\nreproducer: {program: p}\nkernels: " + kernels + "\nexpect:\n" + expect, "s.yaml");
  EXPECT_TRUE(read) << read.error().message;
  return read ? *read : Scenario();
}

std::string error_of(const std::string& expect) {
  const auto read = parse_scenario(
      "scenario: s\nreproducer: {program: p}\nkernels: [v6.1, v6.12]\nexpect:\n" + expect, "s.yaml");
  return read ? "no error" : read.error().message;
}

std::string as(const Scenario& scenario, const std::string& kernel, const std::vector<int>& version) {
  const Judged judged = judge_kernel(scenario, kernel, version);
  return (judged.defaulted ? "default " : "own ") + judged.as;
}

const std::string three_releases =
    "  - kernels: [v6.1]\n    each-run: {oom-kills: 1}\n"
    "  - kernels: [v5.10, v6.12]\n    each-run: {oom-kills: 2}\n"
    "  - kernels: [v6.1-oom-2015]\n    each-run: {oom-kills: 3}\n";

TEST(Judged, ANamedKernelIsJudgedAsItself) {
  const Scenario scenario = scenario_of("[v6.1, v5.10, v6.12, v6.1-oom-2015]", three_releases);
  EXPECT_EQ(as(scenario, "v6.1", {6, 12}), "own v6.1");
  EXPECT_EQ(judge_kernel(scenario, "v6.1-oom-2015", {}).expected.each_run.oom_kills->at_least, 3);
}

TEST(Judged, ATreeIsJudgedAsTheNewestReleaseThatIsNotNewer) {
  const Scenario scenario = scenario_of("[v6.1, v5.10, v6.12, v6.1-oom-2015]", three_releases);
  EXPECT_EQ(as(scenario, "./linux", {6, 1, 192}), "default v6.1");
  EXPECT_EQ(as(scenario, "./linux", {6, 11, 3}), "default v6.1");
  EXPECT_EQ(as(scenario, "./linux", {6, 12}), "default v6.12");
  EXPECT_EQ(as(scenario, "./linux", {7, 2}), "default v6.12");
  EXPECT_EQ(as(scenario, "./linux", {5, 15}), "default v5.10");
  EXPECT_EQ(judge_kernel(scenario, "./linux", {5, 15}).expected.each_run.oom_kills->at_least, 2);
}

TEST(Judged, AComposedNameIsJudgedAsItsLongestBeginningThatIsNamed) {
  const Scenario scenario = scenario_of("[v6.1, v5.10, v6.12, v6.1-oom-2015]", three_releases);
  EXPECT_EQ(as(scenario, "v6.1-oom-2015+swap", {6, 1}), "default v6.1-oom-2015");
  EXPECT_EQ(as(scenario, "v6.1-oom-2015+swap+memcg", {6, 1}), "default v6.1-oom-2015");
  EXPECT_EQ(as(scenario, "v6.12+memcg", {6, 12}), "default v6.12");
  EXPECT_EQ(as(scenario, "v6.12-memcg", {6, 12}), "default v6.12") << "an old name";
  EXPECT_EQ(as(scenario, "./linux+memcg", {6, 12}), "default v6.12") << "by its version";
}

TEST(Judged, OldNamesInAScenarioAreThoseOfToday) {
  const Scenario scenario =
      scenario_of("[v6.1-swap, v6.1]", "  - kernels: [v6.1-swap]\n    each-run: {oom-kills: 1}\n");
  EXPECT_EQ(scenario.kernels.front(), "v6.1+swap");
  EXPECT_EQ(as(scenario, "v6.1+swap", {6, 1}), "own v6.1+swap");
  EXPECT_EQ(as(scenario, "v6.1-swap", {6, 1}), "own v6.1+swap");
}

TEST(Judged, WithoutAFittingReleaseTheFirstKernelHolds) {
  const Scenario scenario = scenario_of("[v6.1, v5.10, v6.12, v6.1-oom-2015]", three_releases);
  EXPECT_EQ(as(scenario, "./linux", {4, 19}), "default v6.1") << "all releases are newer";
  EXPECT_EQ(as(scenario, "./bzImage", {}), "default v6.1") << "the version is not known";
  const Scenario swap = scenario_of("[v6.1+swap, v5.10+swap]",
                                    "  - kernels: [v5.10+swap]\n    each-run: {oom-kills: 1}\n"
                                    "  - kernels: [v6.1+swap]\n    each-run: {hang: {kind: task}}\n");
  EXPECT_EQ(as(swap, "./linux", {6, 1}), "default v6.1+swap");
  EXPECT_TRUE(expects_hang(judge_kernel(swap, "./linux", {6, 1}).expected));
}

TEST(Judged, TheGroupThatIsMarkedComesFirst) {
  const Scenario scenario = scenario_of(
      "[v6.1, v5.10, v6.12, v6.1-oom-2015]",
      three_releases + "  - kernels: [v5.10]\n    as-default: true\n    each-run: {crashes: none}\n");
  const Judged judged = judge_kernel(scenario, "./linux", {6, 12});
  EXPECT_EQ(judged.as, "v5.10");
  EXPECT_EQ(judged.expected.each_run.oom_kills->at_least, 2) << "all groups that name it hold";
  EXPECT_TRUE(judged.expected.each_run.crashes);
  EXPECT_THAT(
      error_of("  - kernels: [v6.1]\n    as-default: true\n  - kernels: [v6.12]\n    as-default: true\n"),
      HasSubstr("s.yaml:8:17: another group has `as-default: true`"));
  EXPECT_THAT(error_of("  - as-default: true\n"), HasSubstr("applies to all kernels"));
}

TEST(Judged, AGroupWithoutKernelsAppliesToAll) {
  const Scenario all = scenario_of("[v6.1]", "  - each-run: {hang: none}\n");
  EXPECT_EQ(as(all, "./linux", {6, 1}), "own ");
  EXPECT_TRUE(judge_kernel(all, "./linux", {}).expected.each_run.hang);
  const Scenario mixed = scenario_of("[v6.1, v6.12]",
                                     "  - each-run: {hang: none, exit: 0}\n"
                                     "  - kernels: [v6.12]\n    each-run: {exit: 1}\n");
  EXPECT_EQ(as(mixed, "v6.1", {6, 1}), "own ") << "listed, and under what holds for all";
  EXPECT_EQ(judge_kernel(mixed, "v6.12", {}).expected.each_run.exit_code, 1);
  EXPECT_TRUE(judge_kernel(mixed, "v6.12", {}).expected.each_run.hang);
  EXPECT_EQ(as(mixed, "./linux", {6, 13}), "default v6.12");
}

TEST(Judged, AnExitStatedLaterReplacesAllOfTheEarlier) {
  const Scenario scenario =
      scenario_of("[v6.1]",
                  "  - each-run: {exit: 3, crashes: none}\n"
                  "  - kernels: [v6.1]\n    each-run: {exit: {signal: 9}, crashes: any}\n");
  const auto run = expectations_for(scenario, "v6.1").each_run;
  EXPECT_FALSE(run.exit_code);
  EXPECT_EQ(run.exit_signal, 9);
  EXPECT_TRUE(run.any_crashes);
  EXPECT_FALSE(run.crashes);
}

TEST(Judged, AsAnyNamedKernelOnRequest) {
  const Scenario scenario = scenario_of("[v6.1, v5.10, v6.12, v6.1-oom-2015]", three_releases);
  const auto judged = judge_as(scenario, "v6.1-oom-2015");
  ASSERT_TRUE(judged) << judged.error().message;
  EXPECT_EQ(judged->as, "v6.1-oom-2015");
  EXPECT_EQ(judged->expected.each_run.oom_kills->at_least, 3);
  const auto typo = judge_as(scenario, "v6.1-oom-2051");
  ASSERT_FALSE(typo);
  EXPECT_THAT(typo.error().message, HasSubstr("did you mean `v6.1-oom-2015`?"));
  EXPECT_EQ(typo.error().fault, Fault::user);
}

// A pass must have been able to fail: no scenario is content with a program that exits with 0 at once.
TEST(Judged, AProgramThatDoesNothingPassesNoScenario) {
  verdict::Outcome outcome;
  outcome.hello = true;
  outcome.hello_s = 2;
  outcome.started_s = 2.1;
  outcome.watched_s = 3;
  outcome.end = verdict::End::done;
  outcome.exit = verdict::Exit{0, 0};
  outcome.progress = 0;
  for (const std::string& name : list_scenarios(places::source, Listed::all)) {
    const auto scenario = load_scenario(places::source, name);
    ASSERT_TRUE(scenario) << scenario.error().message;
    std::vector<std::string> kernels = all_kernels(*scenario);
    kernels.emplace_back("./linux");
    for (const std::string& kernel : kernels) {
      const auto expected = judge_kernel(*scenario, kernel, {6, 1, 192}).expected;
      EXPECT_EQ(worst_of(judge_run(expected, outcome)) == verdict::Verdict::pass, name == "nothing")
          << name << " on " << kernel;
      // Programs of others, in an image, count nothing.
      if (scenario->machine.image.kind != ImageKind::initramfs) continue;
      EXPECT_EQ(expected.each_run.progress.has_value(), name != "nothing") << name << " on " << kernel;
    }
  }
}

}  // namespace
}  // namespace hangar::scenario
