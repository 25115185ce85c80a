// SPDX-License-Identifier: GPL-2.0-only
// With --json exactly one object comes on stdout, whatever happens.
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/driver.h"
#include "tests/places.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::AllOf;
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

constexpr std::string_view console =
    "[    1.000000] Linux version 6.1.0 (gcc) #1\n[    2.000000] Run /init\n";

TEST_F(CliJson, SeveralLogsAreOneObject) {
  write("a.log", console);
  write("empty.log", "");
  const auto said = hangar({"log", "--json", "a.log", "none.log", "empty.log", "a.log"});
  EXPECT_EQ(said.status, 2);
  const auto all = json::parse(said.out);
  EXPECT_EQ(all["schema"], "hangar.logs/1");
  ASSERT_EQ(all["logs"].size(), 2u);
  EXPECT_EQ(all["logs"][1]["schema"], "hangar.log/1");
  EXPECT_EQ(all["logs"][1]["source"]["path"], "a.log");
  ASSERT_EQ(all["errors"].size(), 2u);
  EXPECT_EQ(all["errors"][0]["schema"], "hangar.error/1");
  EXPECT_EQ(all["errors"][0]["path"], "none.log");
  EXPECT_EQ(all["errors"][1]["path"], "empty.log");
  EXPECT_THAT(said.err, AllOf(HasSubstr("none.log"), HasSubstr("empty.log")));
  const auto good = hangar({"log", "--json", "a.log", "a.log"});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_TRUE(json::parse(good.out)["errors"].empty());
}

// What could be read of it, and the error.
TEST_F(CliJson, DamagedLogIsOneObject) {
  std::string text(console);
  for (int i = 3; i < 200000; ++i)
    text += "[" + std::to_string(i) + ".000000] line " + std::to_string(i * 7919) + "\n";
  write("whole.log", text);
  ASSERT_EQ(shell("gzip -c whole.log | head -c 200000 > cut.log.gz").status, 0);
  const auto said = hangar({"log", "--json", "cut.log.gz"});
  EXPECT_NE(said.status, 0);
  const auto damaged = json::parse(said.out);
  EXPECT_EQ(damaged["schema"], "hangar.log/1");
  EXPECT_EQ(damaged["boots"].size(), 1u);
  EXPECT_EQ(damaged["error"]["exit_status"], said.status);
  EXPECT_THAT(said.err, HasSubstr("cut.log.gz"));
  const auto two = hangar({"log", "--json", "cut.log.gz", "whole.log"});
  EXPECT_EQ(two.status, said.status);
  EXPECT_EQ(json::parse(two.out)["logs"].size(), 2u);
  EXPECT_EQ(json::parse(two.out)["errors"].size(), 1u);
}

// The report would be a second object.
TEST_F(CliJson, AnImportThatCannotBeWrittenIsOneObject) {
  std::filesystem::create_directories(path("series"));
  write("series/series.yaml", "series: another\n");
  const std::string mail = std::string(places::source) + "/tests/data/mail/single.eml";
  const auto said = hangar({"import", mail, "-o", "series", "--json"});
  EXPECT_EQ(said.status, 2);
  EXPECT_EQ(json::parse(said.out)["schema"], "hangar.error/1") << said.out;
}

TEST_F(CliJson, CommandsWithoutJsonRefuseIt) {
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {"shell", "--json", "oom-kill"}, {"help", "log", "--json"}, {"--json", "help"}}) {
    const auto said = hangar(args);
    EXPECT_EQ(said.status, 2);
    EXPECT_EQ(json::parse(said.out)["schema"], "hangar.error/1");
    EXPECT_THAT(said.err, HasSubstr("has no JSON output"));
  }
  const auto help = hangar({"export", "-h"});
  EXPECT_THAT(help.out, HasSubstr("The output is JSON lines"));
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
