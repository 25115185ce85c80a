// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/driver.h"
#include "tests/cli/rows.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// A study of ./linux with two rows of a build that ./linux is not.
class CliStudyOfATree : public CliTest {
 protected:
  CliStudyOfATree() {
    std::filesystem::create_directories(path("stud"));
    write(
        "stud/study.yaml",
        "study: t\nabout: a\nscenario: oom-kill\nsettings:\n  - {name: tree, kernel: ./linux, repeat: 3}\n");
    row_ = quiet_row("", "oom-kill", "./linux");
    row_["setting"] = "tree";
    std::string rows;
    for (const char* id : {"20261124-000001-aaaaaa", "20261124-000002-aaaaaa"}) {
      row_["id"] = id;
      rows += row_.dump() + "\n";
    }
    write("stud/runs.jsonl", rows);
  }

  json row_;

  void make_tree() const {
    std::filesystem::create_directories(path("linux/kernel"));
    std::filesystem::create_directories(path("linux/arch/x86"));
    write("linux/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nEXTRAVERSION =\n");
    write("linux/Kconfig", "");
    const auto made =
        shell("cd linux && git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm x");
    ASSERT_EQ(made.status, 0) << made.err;
  }
};

TEST_F(CliStudyOfATree, RowsOfAnotherBuildAreIgnored) {
  make_tree();
  const auto said = hangar({"study", "./stud/study.yaml", "--table"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("2 rows are of another build of ./linux and are ignored"));
  EXPECT_THAT(said.out, Not(HasSubstr("0 of 2")));
  const auto object = json::parse(hangar({"study", "./stud/study.yaml", "--table", "--json"}).out);
  EXPECT_EQ(object["ignored_rows"], 2);
  EXPECT_EQ(object["settings"][0]["runs"], 0);
}

// Pages are made from committed rows on machines that have no such tree.
TEST_F(CliStudyOfATree, RowsOfATreeThatIsNotHereCount) {
  const auto said = hangar({"study", "./stud/study.yaml", "--table"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("0 of 2"));
  EXPECT_THAT(said.out, Not(HasSubstr("ignored")));
}

// A guest names its processes as it likes.
TEST_F(CliStudyOfATree, NamesOfVictimsAreEscaped) {
  row_["id"] = "20261124-000003-aaaaaa";
  row_["kills"] = {{{"time_s", 1.0}, {"who", "a|<b>\x1b[31m\xc2\x9b"}, {"sysrq", false}}};
  write("stud/runs.jsonl", row_.dump() + "\n");
  const auto said = hangar({"study", "./stud/study.yaml", "--table"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("a\\|&lt;b&gt;\\\\x1b\\[31m\\\\xc2\\\\x9b |"));
}

}  // namespace
}  // namespace hangar::cli_tests
