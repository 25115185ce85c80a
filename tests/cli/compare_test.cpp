// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/driver.h"
#include "tests/cli/rows.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class CliCompare : public CliTest {
 protected:
  // A file of rows, of which the first `hung` hung.
  [[nodiscard]] std::string rows(const std::string& name, int runs, int hung,
                                 const std::string& scenario = "s") const {
    std::string text;
    for (int i = 0; i < runs; ++i) {
      json row = quiet_row(name + std::to_string(1000 + (i * 7) % runs), scenario, name);
      if (i < hung) {
        row["hangs"] = {{{"kind", "task"},
                         {"cause", nullptr},
                         {"start_s", 1},
                         {"duration_s", 31},
                         {"censored", true},
                         {"ended_by", "end"},
                         {"censored_by", nullptr},
                         {"over_s", nullptr}}};
      }
      text += row.dump() + "\n";
    }
    return write(name + ".jsonl", text);
  }
};

TEST_F(CliCompare, TheLastLineIsTheAnswer) {
  const auto said = hangar({"compare", rows("a", 40, 22), rows("b", 40, 1)});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("22 of 40, 0.38-0.71"));
  EXPECT_THAT(
      said.out,
      HasSubstr("\nb.jsonl hangs less often: 1 of 40 against 22 of 40 (difference -0.53, 95%: -0.67 to "
                "-0.34; p < 0.0001).\n"));
}

TEST_F(CliCompare, MarginThatIsNotShownIsExitStatus1) {
  const std::string a = rows("a", 10, 0);
  const std::string b = rows("b", 10, 0);
  const auto open = hangar({"compare", a, b, "--no-worse-than", "0.1"});
  EXPECT_EQ(open.status, 1) << open.err;
  EXPECT_THAT(open.out, HasSubstr("more runs per arm would do, if the observed rates persist"));
  EXPECT_EQ(hangar({"compare", a, b, "--no-worse-than", "0.5"}).status, 0);
  EXPECT_EQ(hangar({"compare", a, b}).status, 0);
}

TEST_F(CliCompare, ScenariosAreChosenAndSeveralAreStrata) {
  const std::string a = rows("a", 20, 10);
  const std::string b = rows("b", 20, 2);
  const auto both = shell(
      "cat a.jsonl <(sed 's/\"s\"/\"t\"/; s/\"id\":\"a/\"id\":\"x/' a.jsonl) >a2.jsonl; "
      "cat b.jsonl <(sed 's/\"s\"/\"t\"/; s/\"id\":\"b/\"id\":\"x/' b.jsonl) >b2.jsonl; "
      "$hangar compare a2.jsonl b2.jsonl --json");
  const json object = json::parse(both.out);
  EXPECT_THAT(object["sentence"].get<std::string>(), HasSubstr("over 2 scenarios"));
  const json one = json::parse(hangar({"compare", "a2.jsonl", "b2.jsonl", "-s", "t", "--json"}).out);
  EXPECT_EQ(one["arms"][0]["runs"], 20);
  const auto none = hangar({"compare", a, b, "-s", "nosuch"});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasSubstr("no run that counts"));
}

TEST_F(CliCompare, TenThousandRunsAndOneRun) {
  const auto said = hangar({"compare", rows("a", 5000, 1700), rows("b", 5000, 1700), rows("c", 1, 1)});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("b.jsonl: cannot tell: 5000 runs per arm detect a difference of"));
  EXPECT_THAT(said.out, HasSubstr("c.jsonl: cannot tell: 1 run per arm: too few to detect any difference"));
}

}  // namespace
}  // namespace hangar::cli_tests
