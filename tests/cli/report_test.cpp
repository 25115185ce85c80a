// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "tests/cli/driver.h"
#include "tests/places.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CliReport : public CliTest {
 protected:
  // Copies of runs in tests/data/runs, judged by the scenario that each has.
  void store(const std::string& name) {
    const auto from = std::filesystem::path(places::source) / "tests/data/runs" / name;
    const std::string id = json::parse(*read_file(from / "run.json"))["id"];
    std::filesystem::create_directories(path("home/state/runs"));
    std::filesystem::copy(from, path("home/state/runs/" + id));
    (void)hangar({"judge", id, "--stored"});
  }
};

TEST_F(CliReport, OneFileWithoutTheNetwork) {
  store("oom-2015-hang");
  store("healthy");
  const auto said = hangar({"report", "mmap-lock-livelock", "-o", "report.html"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.err, HasSubstr("report.html: "));
  const std::string page = *read_file(path("report.html"));
  EXPECT_THAT(page, StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, AllOf(HasSubstr("Content-Security-Policy"), HasSubstr("v6.1-oom-2015")));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<link ")), Not(HasSubstr("src=\"http"))));
}

TEST_F(CliReport, TheFormatFollowsTheFile) {
  store("planted-bug");
  for (const auto& [file, begin] : {std::pair("r.xml", "<?xml"),
                                    {"r.ktap", "KTAP version 1"},
                                    {"r.csv", "id,"},
                                    {"r.md", "# "},
                                    {"r.json", "{"},
                                    {"r.txt", "Subject: [BUG]"}}) {
    EXPECT_EQ(hangar({"report", "last", "-o", file}).status, 0) << file;
    EXPECT_THAT(*read_file(path(file)), StartsWith(begin)) << file;
  }
  const auto said = hangar({"report", "last", "--json"});
  EXPECT_EQ(json::parse(said.out)["verdict"], "fail");
}

TEST_F(CliReport, AMailHasWhatIsNeededToRepeatTheRun) {
  store("oom-2015-hang");
  const auto said = hangar({"report", "last", "--format", "mail"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, AllOf(HasSubstr("probably holds the mmap lock"), HasSubstr("qemu-system-x86_64"),
                              HasSubstr("No other kernel was run"), HasSubstr("int main(int argc")));
}

// What the mail has at its end compiles by the command that the mail names, and complains of a wrong setting.
TEST_F(CliReport, TheProgramInAMailIsOneFile) {
  store("oom-2015-hang");
  const auto said = hangar({"report", "last", "--format", "mail"});
  const std::string heading = "mmap-lock-livelock.c\n--------------------\n";
  const auto at = said.out.find(heading);
  ASSERT_NE(at, std::string::npos);
  write("mmap-lock-livelock.c", said.out.substr(at + heading.size()));
  const auto built = shell("gcc -O1 -pthread -o program mmap-lock-livelock.c && ./program --no-such-setting");
  EXPECT_EQ(built.status, 77) << built.err;
}

}  // namespace
}  // namespace hangar::cli_tests
