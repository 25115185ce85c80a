// SPDX-License-Identifier: GPL-2.0-only
// What a user reads at 80 columns, as a whole: `cli_hangar --update` rewrites tests/data/cli/output.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>

#include "tests/cli/driver.h"
#include "tests/golden.h"
#include "tests/places.h"

namespace hangar::cli_tests {
namespace {

// The names that `hangar help` lists below a line "TITLE...:".
std::vector<std::string> listed(const std::string& help, const std::string& title) {
  std::istringstream lines(help.substr(help.find('\n', help.find("\n" + title) + 1) + 1));
  std::vector<std::string> found;
  for (std::string line; std::getline(lines, line) && line.starts_with("  ");)
    found.push_back(line.substr(2, line.find(' ', 2) - 2));
  return found;
}

// Lines that could be broken and are not.
std::string too_long(const std::string& text) {
  std::string found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool code = line.starts_with("    ");
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
    if (columns > 80 && !code && line.find(' ') != std::string::npos) found += line + "\n";
  }
  return found;
}

class CliOutput : public CliTest {
 protected:
  // The page, which fits into 80 columns.
  [[nodiscard]] std::string page(const std::vector<std::string>& args) const {
    const Said said = hangar(args);
    EXPECT_EQ(said.status, 0) << said.err;
    EXPECT_EQ(said.err, "");
    EXPECT_NE(said.out, "");
    EXPECT_EQ(too_long(said.out), "");
    return said.out;
  }
  void expect_page(const std::string& name, const std::vector<std::string>& args) const {
    EXPECT_TRUE(golden::matches("cli/output/" + name + ".txt", page(args)));
  }
};

TEST_F(CliOutput, HelpOfEveryCommand) {
  expect_page("usage", {"-h"});
  expect_page("help", {"help"});
  const auto commands = listed(hangar({"help"}).out, "Commands");
  EXPECT_GE(commands.size(), 15u);
  for (const std::string& command : commands) expect_page("help-" + command, {command, "-h"});
}

TEST_F(CliOutput, OomExplained) {
  const std::string reports = std::string(places::source) + "/tests/data/log/oom-reports/";
  for (const char* name : {"6.12-mlock", "6.12-memory-policy", "6.1-order-2", "7.2-memcg", "7.2-slab"})
    expect_page(std::string("log-oom-") + name, {"log", "--oom", reports + name + ".log"});
}

TEST_F(CliOutput, EveryTopic) {
  const std::string help = hangar({"help"}).out;
  const auto subjects = listed(help, "Subjects");
  EXPECT_GE(subjects.size(), 12u);
  for (const auto& topics : {listed(help, "Commands"), subjects}) {
    for (const std::string& topic : topics) expect_page("topic-" + topic, {"help", topic});
  }
  // These show what was measured last: `hangar study --update` rewrites them.
  const auto reproducers = listed(help, "Reproducers");
  EXPECT_GE(reproducers.size(), 10u);
  for (const std::string& topic : reproducers) EXPECT_THAT(page({"help", topic}), testing::HasSubstr(topic));
}

TEST_F(CliOutput, ListsOfAnEmptyHome) {
  expect_page("list-kernels", {"list", "kernels"});
  expect_page("list-runs-empty", {"list", "runs"});
  EXPECT_THAT(page({"list", "scenarios"}), testing::HasSubstr("mmap-lock-livelock"));
}

TEST_F(CliOutput, ListOfRuns) {
  for (const std::string id : {"20261128-121849-c44436", "20261129-000000-aaaaaa"}) {
    const std::string run = "home/state/runs/" + id;
    std::filesystem::create_directories(path(run));
    write(run + "/run.json", R"({"id":")" + id +
                                 R"(","experiment":"20261128-121848-bbbbbb","scenario":"oom-kill",)" +
                                 R"("kernel":"v6.1","wall_s":12.4})");
  }
  write("home/state/runs/20261128-121849-c44436/verdict.json", R"({"verdict":"pass"})");
  expect_page("list-runs", {"list", "runs"});
  std::filesystem::create_directories(path("home/state/runs/20261128-200000-dddddd"));
  write("home/state/runs/20261128-200000-dddddd/run.json", "{");
  const Said said = hangar({"list", "runs"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, testing::ContainsRegex("20261129.*\n.*20261128-200000-dddddd +unreadable"));
  EXPECT_THAT(said.out, testing::HasSubstr("run.json"));
}

}  // namespace
}  // namespace hangar::cli_tests
