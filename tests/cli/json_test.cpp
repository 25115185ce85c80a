// SPDX-License-Identifier: GPL-2.0-only
// With --json exactly one object comes on stdout, whatever happens.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/driver.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class CliJson : public CliTest {};

TEST_F(CliJson, ErrorIsOneObject) {
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {"log", "--json", "nosuch.log"}, {"run", "no-such-scenario", "--json"}, {"--json", "jugde"}}) {
    const auto said = hangar(args);
    EXPECT_EQ(said.status, 2);
    const auto error = json::parse(said.out);
    EXPECT_EQ(error["schema"], "hangar.error/1");
    EXPECT_EQ(error["fault"], "user");
    EXPECT_EQ(error["exit_status"], 2);
    EXPECT_THAT(said.err, HasSubstr("hangar: "));
  }
}

TEST_F(CliJson, ErrorOfABisectionStepHasItsExitStatus) {
  const auto said = hangar({"run", "no-such-scenario", "--json", "--git-bisect", "-k", "./linux"});
  EXPECT_EQ(said.status, 128);
  EXPECT_EQ(json::parse(said.out)["exit_status"], 128);
}

TEST_F(CliJson, DryRunIsOneObject) {
  const auto said = hangar({"run", "oom-kill", "--json", "--dry-run", "--repeat", "3"});
  ASSERT_EQ(said.status, 0) << said.err;
  const auto plan = json::parse(said.out);
  EXPECT_EQ(plan["schema"], "hangar.plan/1");
  EXPECT_EQ(plan["cells"][0]["scenario"], "oom-kill");
  EXPECT_EQ(plan["cells"][0]["runs_at_most"], 3);
}

TEST_F(CliJson, StudyIsOneObject) {
  const auto said = hangar({"study", "mmap-lock-livelock", "--json", "--table"});
  ASSERT_EQ(said.status, 0) << said.err;
  const auto study = json::parse(said.out);
  EXPECT_EQ(study["schema"], "hangar.study/1");
  EXPECT_GT(study["rows"], 0);
  EXPECT_EQ(study["ignored_rows"], 0) << "rows of named releases are never ignored";
}

}  // namespace
}  // namespace hangar::cli_tests
