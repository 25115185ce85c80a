// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "tests/cli/driver.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* id = "20261128-121849-c44436";

constexpr std::string_view console =
    "[    1.000000] Linux version 6.1.0 (gcc) #1\n"
    "[    2.000000] Run /init as init process\n"
    "[    3.000000] hog invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER), order=0, oom_score_adj=0\n"
    "[    3.100000] Out of memory: Killed process 42 (hog) total-vm:300000kB, anon-rss:200000kB, "
    "file-rss:4kB, shmem-rss:0kB, UID:0 pgtables:500kB oom_score_adj:0\n";

std::string scenario_that_expects(int kills) {
  return "scenario: oom-kill\nabout: a copy\nreproducer: {program: oom-kill}\nkernels: [v6.1]\nexpect:\n  - "
         "each-run: {oom-kills: {exactly: " +
         std::to_string(kills) + "}}\n";
}

// A stored run of a private scenario that has the name of a shipped one: it killed one process.
class CliStoredRun : public CliTest {
 protected:
  CliStoredRun() {
    const std::string run = "home/state/runs/" + std::string(id) + "/";
    std::filesystem::create_directories(path(run));
    std::filesystem::create_directories(path("sc"));
    write("sc/mine.yaml", scenario_that_expects(2));
    write(run + "bundle.json", json{{"id", id},
                                    {"scenario", "oom-kill"},
                                    {"scenario_yaml", scenario_that_expects(2)},
                                    {"kernel", "v6.1"},
                                    {"boot_deadline_ms", 60000},
                                    {"hang_threshold_ms", 10000}}
                                   .dump());
    write(run + "run.json", json{{"schema", "hangar.run-info/1"},
                                 {"id", id},
                                 {"experiment", id},
                                 {"scenario", "oom-kill"},
                                 {"scenario_file", path("sc/mine.yaml")},
                                 {"kernel", "v6.1"},
                                 {"wall_s", 5.0}}
                                .dump());
    write(run + "serial.log", console);
    write(run + "serial.idx", "0 1.0\n");
    write(run + "agent.jsonl",
          "{\"t\":\"hello\",\"version\":1,\"kernel\":\"6.1.0\",\"host_s\":2.0}\n"
          "{\"t\":\"started\",\"pid\":40,\"host_s\":2.1}\n"
          "{\"t\":\"exit\",\"code\":0,\"signal\":0,\"host_s\":4.0}\n");
    write(run + "pulse.log", "");
    write(run + "events.jsonl", "{\"host_s\":4.5,\"event\":\"end\",\"detail\":\"done\"}\n");
  }

  [[nodiscard]] json record() const {
    const auto text = read_file(path("home/state/runs/" + std::string(id) + "/verdict.json"));
    return text ? json::parse(*text) : json();
  }
};

TEST_F(CliStoredRun, IndexIsRebuiltFromTheFolders) {
  std::filesystem::create_directories(path("home/state/runs/20260101-000000-bad000"));
  write("home/state/runs/20260101-000000-bad000/run.json", "{");
  const auto rebuilt = hangar({"db", "rebuild"});
  EXPECT_EQ(rebuilt.status, 0) << rebuilt.err;
  EXPECT_THAT(rebuilt.out, HasSubstr("hangar.db: 1 run, 1 unreadable\n"));
  EXPECT_THAT(rebuilt.out, HasSubstr("unreadable: "));
  EXPECT_THAT(rebuilt.out, HasSubstr("20260101-000000-bad000/run.json"));
  const auto report = json::parse(hangar({"db", "rebuild", "--json"}).out);
  EXPECT_EQ(report["runs"], 1);
  EXPECT_EQ(report["unreadable"][0]["id"], "20260101-000000-bad000");
  write("home/state/hangar.db", "noise");
  const auto remade = hangar({"db", "rebuild"});
  EXPECT_EQ(remade.status, 0) << remade.err;
  EXPECT_THAT(remade.err, HasSubstr("hangar.db is damaged: the index was built again"));
}

TEST_F(CliStoredRun, UsesTheFileThatWasRunAndSaysWhatChanged) {
  const auto first = hangar({"judge", "last"});
  EXPECT_EQ(first.status, 1) << first.err;
  EXPECT_THAT(first.out, HasSubstr("expected oom-kills: exactly 2; got 1"));
  EXPECT_THAT(first.out, HasSubstr("judged by scenario file " + path("sc/mine.yaml") + " (unchanged"));
  EXPECT_THAT(first.out, HasSubstr("files: "));
  EXPECT_THAT(first.out, Not(HasSubstr("now fail")));

  write("sc/mine.yaml", scenario_that_expects(1));
  const auto second = hangar({"judge", "last"});
  EXPECT_EQ(second.status, 0) << second.out << second.err;
  EXPECT_THAT(second.out, HasSubstr("was fail, now pass"));
  EXPECT_THAT(second.out, HasSubstr("(changed since the run)"));
  EXPECT_EQ(record()["verdict"], "pass");
  ASSERT_EQ(record()["history"].size(), 1u);
  EXPECT_EQ(record()["history"][0]["verdict"], "fail");
  EXPECT_THAT(record()["history"][0]["by"].get<std::string>(), HasSubstr("mine.yaml"));
  const auto listed = hangar({"list", "runs", "--json"});
  EXPECT_EQ(json::parse(listed.out)["runs"][0]["verdict"], "pass");
}

TEST_F(CliStoredRun, UsesTheStoredTextWhereTheFileIsGone) {
  std::filesystem::remove(path("sc/mine.yaml"));
  const auto said = hangar({"judge", id});
  EXPECT_EQ(said.status, 1) << said.err;
  EXPECT_THAT(said.out, HasSubstr("judged by the scenario's text in bundle.json"));
  EXPECT_THAT(said.out, HasSubstr("expected oom-kills: exactly 2; got 1"));
}

TEST_F(CliStoredRun, TakesAnotherFileOrTheStoredText) {
  write("other.yaml", scenario_that_expects(1));
  const auto other = hangar({"judge", "last", "--scenario", "other.yaml", "--json"});
  EXPECT_EQ(other.status, 0) << other.err;
  const json run = json::parse(other.out)["cells"][0]["runs"][0];
  EXPECT_EQ(run["verdict"], "pass");
  EXPECT_THAT(run["judged_by"].get<std::string>(), HasSubstr("other.yaml (sha256 "));
  EXPECT_EQ(hangar({"judge", "last", "--stored"}).status, 1);
  const auto by_path = hangar({"judge", "home/state/runs/" + std::string(id) + "/"});
  EXPECT_THAT(by_path.out, HasSubstr("(" + std::string(id) + ")"));
  const auto both = hangar({"judge", "--stored", "--scenario", "other.yaml"});
  EXPECT_EQ(both.status, 2);
  EXPECT_THAT(both.err, HasSubstr("mutually exclusive"));
  EXPECT_EQ(hangar({"judge", "--scenario", "oom-kil"}).status, 2);
}

TEST_F(CliStoredRun, LogTakesARun) {
  for (const std::string word : {"last", id, "20261128", "home/state/runs/20261128-121849-c44436"}) {
    const auto said = hangar({"log", word});
    EXPECT_EQ(said.status, 0) << said.err;
    EXPECT_THAT(said.out, HasSubstr("hog")) << word;
  }
  const auto none = hangar({"log", "20271128"});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasSubstr("no run `20271128`"));
  EXPECT_THAT(hangar({"log", "sc"}).err, HasSubstr("no serial.log"));
  // A file comes before a run of the same name.
  write("last", "[    1.000000] Linux version 5.10.0 (gcc) #1\n");
  EXPECT_THAT(hangar({"log", "last"}).out, HasSubstr("5.10.0"));
}

TEST_F(CliStoredRun, HelpTakesACommand) {
  const auto said = hangar({"help", "judge"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("--stored"));
  EXPECT_THAT(hangar({"help", "jugde"}).err, HasSubstr("judge"));
}

}  // namespace
}  // namespace hangar::cli_tests
