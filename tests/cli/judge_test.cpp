// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/driver.h"

namespace hangar::cli_tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CliJudge : public CliTest {
 protected:
  // A run directory whose last event is `end`.
  void run_that_ended(const std::string& end) {
    std::filesystem::create_directories(path("run"));
    const nlohmann::json bundle = {
        {"scenario", "private"},
        {"kernel", "v6.1"},
        {"boot_deadline_ms", 60000},
        {"hang_threshold_ms", 10000},
        {"scenario_yaml",
         "scenario: private\nreproducer: {program: oom-kill}\nkernels: [v6.1]\n"
         "expect:\n  - each-run: {hang: none, oom-kills: {exactly: 1}, crashes: none}\n"}};
    write("run/bundle.json", bundle.dump());
    write("run/run.json", R"({"id": "x"})");
    const nlohmann::json event = {{"host_s", 13.9}, {"event", "end"}, {"detail", end}};
    write("run/events.jsonl", event.dump() + "\n");
    write("run/agent.jsonl", R"({"host_s": 2.0, "t": "hello", "version": 1, "kernel": "6.1.0"})"
                             "\n");
  }
};

TEST_F(CliJudge, InterruptedRunSaysSoAndNothingElse) {
  run_that_ended("interrupted: interrupted");
  const auto said = hangar({"judge", "./run"});
  EXPECT_EQ(said.status, 1) << said.err;
  EXPECT_THAT(said.out, HasSubstr("interrupted after 13.9 s"));
  EXPECT_THAT(said.out, Not(HasSubstr("expected crashes")));
  EXPECT_THAT(said.out, Not(HasSubstr("expected oom-kills")));
}

TEST_F(CliJudge, InterruptedRunIsInNoRate) {
  run_that_ended("interrupted: interrupted");
  const auto said = hangar({"judge", "--json", "./run"});
  EXPECT_TRUE(nlohmann::json::parse(said.out)["cells"][0]["hang_rate"].is_null()) << said.out;
}

TEST_F(CliJudge, WorkerThatWasKilledIsAnInfraError) {
  run_that_ended("host-trouble: the worker was killed by signal 9");
  const auto said = hangar({"judge", "./run"});
  EXPECT_EQ(said.status, 3) << said.err;
  EXPECT_THAT(said.out, HasSubstr("the worker was killed by signal 9"));
  EXPECT_THAT(said.out, Not(HasSubstr("expected crashes")));
}

}  // namespace
}  // namespace hangar::cli_tests
