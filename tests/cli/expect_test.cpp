// SPDX-License-Identifier: GPL-2.0-only
// What `hangar run` reports before anything is built: the program, and as which kernel a run is judged.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/driver.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class CliExpect : public CliTest {};

TEST_F(CliExpect, AProgramThatDoesNotExistIsReportedBeforeAnythingIsBuilt) {
  write("typo.yaml",
        "scenario: typo\nreproducer: {program: oom-kil}\nkernels: [v6.1]\nexpect:\n  - each-run: {hang: "
        "none}\n");
  for (const char* option : {"--dry-run", "--git-bisect"}) {
    const auto said = hangar({"run", "./typo.yaml", "--kernel", "v6.1", option});
    EXPECT_EQ(said.status, option == std::string("--dry-run") ? 2 : 128) << said.err;
    EXPECT_THAT(said.err, HasSubstr("typo.yaml:2:23: no program `oom-kil` (did you mean `oom-kill`?)"));
  }
  EXPECT_EQ(hangar({"shell", "./typo.yaml"}).status, 2);
  write("oom-kil.c", "int main(void) { return 0; }\n");
  EXPECT_EQ(hangar({"run", "./typo.yaml", "--dry-run"}).status, 0) << "now it is beside the scenario";
}

TEST_F(CliExpect, AKernelThatTheScenarioDoesNotKnowIsJudgedAsAnother) {
  const auto said = hangar({"run", "oom-kill", "--kernel", "v6.12", "--dry-run"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("judged as v6.1"));
  const json plan =
      json::parse(hangar({"run", "silent-oom-hang", "--kernel", "v6.1", "--dry-run", "--json"}).out);
  EXPECT_EQ(plan["cells"][0]["judged_as"], "v6.1+swap");
  const auto hangs = hangar({"run", "silent-oom-hang", "--kernel", "v6.1", "--dry-run"});
  EXPECT_THAT(hangs.out, HasSubstr("judged as v6.1+swap, where this scenario hangs"));
  const json own = json::parse(hangar({"run", "oom-kill", "--dry-run", "--json"}).out);
  EXPECT_TRUE(own["cells"][0]["judged_as"].is_null());
}

TEST_F(CliExpect, TheUserChoosesTheKernelWhoseExpectationsHold) {
  const auto said =
      hangar({"run", "dying-crowd", "--kernel", "v6.1", "--expect", "v6.1-oom-2015", "--dry-run"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("judged as v6.1-oom-2015"));
  const auto typo = hangar({"run", "dying-crowd", "--expect", "v6.1-oom-2051", "--dry-run"});
  EXPECT_EQ(typo.status, 2);
  EXPECT_THAT(typo.err, HasSubstr("did you mean `v6.1-oom-2015`?"));
}

}  // namespace
}  // namespace hangar::cli_tests
