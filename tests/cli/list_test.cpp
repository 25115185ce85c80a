// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "tests/cli/driver.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* passing = "20261127-100000-aaaaaa";
constexpr const char* hung = "20261128-100000-bbbbbb";

class CliList : public CliTest {
 protected:
  CliList() {
    add(passing, "pass", {{"kernel", "v6.1"}, {"scenario", "oom-kill"}, {"wall_s", 3}}, outcome({}, {}, {}));
    add(hung, "fail",
        {{"kernel", "./linux"},
         {"scenario", "oom-tree"},
         {"wall_s", 62},
         {"kernel_revision", "de6e1d849c27801fabfb096e3d110ccf9c019c28"},
         {"kernel_dirty", true},
         {"kernel_signature", "2-c590617d"},
         {"append", "swiotlb=force"}},
        outcome({{{"kind", "memory-stall"}, {"duration_s", 31.2}, {"censored", true}}},
                {{{"comm", "x"}, {"role", "hog"}, {"sysrq", false}}},
                {{{"title", "KASAN: use-after-free Read in oom_kill_process"}}}));
  }
  static json outcome(const json& hangs, const json& kills, const json& crashes) {
    const auto list = [](const json& value) { return value.is_null() ? json::array() : value; };
    return {{"end", "done"}, {"hangs", list(hangs)}, {"oom_kills", list(kills)}, {"crashes", list(crashes)}};
  }
  void add(const std::string& id, const std::string& verdict, json info, const json& outcome) const {
    const std::string run = "home/state/runs/" + id + "/";
    std::filesystem::create_directories(path(run));
    info["id"] = id;
    write(run + "run.json", info.dump());
    write(run + "outcome.json", outcome.dump());
    write(run + "verdict.json", json{{"verdict", verdict}}.dump());
  }
  // The ids that are listed.
  [[nodiscard]] std::vector<std::string> ids(std::vector<std::string> options) const {
    options.insert(options.begin(), {"list", "runs", "--json"});
    const Said said = hangar(options);
    EXPECT_EQ(said.status, 0) << said.err;
    std::vector<std::string> found;
    const json listed = json::parse(said.out);
    for (const json& run : listed["runs"]) found.push_back(run["id"]);
    return found;
  }
};

TEST_F(CliList, RunsAreSelectedByEachOption) {
  EXPECT_THAT(ids({}), ElementsAre(hung, passing));
  EXPECT_THAT(ids({"--limit", "1"}), ElementsAre(hung));
  EXPECT_THAT(ids({"--kernel", "v6.1"}), ElementsAre(passing));
  EXPECT_THAT(ids({"--scenario", "oom-tree"}), ElementsAre(hung));
  EXPECT_THAT(ids({"--verdict", "pass"}), ElementsAre(passing));
  EXPECT_THAT(ids({"--hung"}), ElementsAre(hung));
  EXPECT_THAT(ids({"--crash", "kasan"}), ElementsAre(hung));
  EXPECT_THAT(ids({"--crash", "KCSAN"}), IsEmpty());
  EXPECT_THAT(ids({"--signature", "c590"}), ElementsAre(hung));
  EXPECT_THAT(ids({"--since", "2026-11-28"}), ElementsAre(hung));
  EXPECT_THAT(ids({"--since", "2026-11-28T10:00:01"}), IsEmpty());
  EXPECT_THAT(ids({"--until", "2026-11-27"}), ElementsAre(passing)) << "that day is included";
  EXPECT_THAT(ids({"--until", "2026-11-27T10:00"}), IsEmpty());
  EXPECT_THAT(ids({"--since", "2026-11-27", "--until", "2026-11-28", "--hung"}), ElementsAre(hung));
  EXPECT_THAT(ids({"--since", "3650d"}), ElementsAre(hung, passing));
}

TEST_F(CliList, AnAgeCountsBackFromNow) {
  const std::string now = shell("date -u +%Y%m%d-%H%M%S-cccccc").out.substr(0, 22);
  add(now, "pass", {{"kernel", "v6.1"}}, outcome({}, {}, {}));
  EXPECT_THAT(ids({"--since", "1h"}), Not(ElementsAre()));
  EXPECT_THAT(ids({"--since", "1h"}), testing::Contains(now));
  EXPECT_THAT(ids({"--until", "1h"}), Not(testing::Contains(now)));
}

TEST_F(CliList, JsonHasWhatHappenedAndTheFolder) {
  const auto runs = json::parse(hangar({"list", "runs", "--json"}).out)["runs"];
  const json& run = runs[0];
  EXPECT_EQ(run["kernel_revision"], "de6e1d849c27801fabfb096e3d110ccf9c019c28");
  EXPECT_EQ(run["kernel_dirty"], true);
  EXPECT_EQ(run["append"], "swiotlb=force");
  EXPECT_EQ(run["directory"], path("home/state/runs/" + std::string(hung)));
  EXPECT_EQ(run["facts"]["longest_hang_s"], 31.2);
  EXPECT_EQ(run["facts"]["longest_hang_censored"], true);
  EXPECT_EQ(run["facts"]["victims"], json::array({"hog"}));
  EXPECT_EQ(runs[1]["append"], nullptr);
  EXPECT_EQ(runs[1]["kernel_dirty"], nullptr);
  EXPECT_EQ(runs[1]["facts"]["longest_hang_s"], nullptr);
}

TEST_F(CliList, TableHasWhatHappenedIn80Columns) {
  add("20261126-100000-cccccc", "inconclusive",
      {{"kernel", "/home/user/a/rather/long/path/of/a/tree/linux-next"},
       {"scenario", "mmap-lock-livelock-with-a-long-name"},
       {"append", std::string(100, 'a') + " b"}},
      outcome({}, {}, {}));
  const Said said = hangar({"list", "runs"});
  EXPECT_THAT(said.out, AllOf(HasSubstr("memory-stall >=31 s"), HasSubstr("killed hog"),
                              HasSubstr("de6e1d849c27-dirty"), HasSubstr("--append swiotlb=force"),
                              HasSubstr("use-after-free Read in")));
  EXPECT_THAT(said.out, AllOf(HasSubstr("linux-next"), HasSubstr("mmap-lock-")))
      << "the end of a path is kept";
  std::istringstream lines(said.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(std::string(100, 'a')) != std::string::npos) continue;  // one word cannot be wrapped
    EXPECT_LE(line.size(), 82U) << line << " (an ellipsis has three bytes)";
  }
}

TEST_F(CliList, ColumnsThatAreEmptyAreOmitted) {
  const Said said = hangar({"list", "runs", "--kernel", "v6.1"});
  EXPECT_THAT(said.out, AllOf(HasSubstr("scenario"), Not(HasSubstr("hangs")), Not(HasSubstr("append"))));
}

TEST_F(CliList, TextOfTheGuestDoesNotReachTheTerminal) {
  add("20261129-100000-dddddd", "fail", {{"kernel", "v6.1"}},
      outcome({}, {{{"comm", "\x1b[31mhog"}, {"role", nullptr}, {"sysrq", false}}},
              {{{"title", "BUG \x1b]0;title\x07"}}}));
  const Said said = hangar({"list", "runs"});
  EXPECT_THAT(said.out,
              AllOf(HasSubstr("hog"), HasSubstr("BUG"), Not(HasSubstr("\x1b")), Not(HasSubstr("\x07"))));
}

TEST_F(CliList, NothingFoundIsReportedWithASuggestion) {
  const Said said = hangar({"list", "runs", "--kernel", "v6.11"});
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.err, AllOf(HasSubstr("no stored run matches"), HasSubstr("did you mean `v6.1`?")));
}

TEST_F(CliList, UnreadableRunsAreListedByTheirTime) {
  const std::string damaged = "20261127-110000-eeeeee";
  std::filesystem::create_directories(path("home/state/runs/" + damaged));
  write("home/state/runs/" + damaged + "/run.json", "{");
  EXPECT_THAT(ids({}), ElementsAre(hung, damaged, passing));
  EXPECT_THAT(ids({"--limit", "2"}), ElementsAre(hung, damaged));
  EXPECT_THAT(ids({"--until", "2026-11-27"}), ElementsAre(damaged, passing));
  EXPECT_THAT(ids({"--verdict", "pass"}), ElementsAre(passing));
  EXPECT_THAT(hangar({"list", "runs"}).out, HasSubstr("unreadable"));
}

}  // namespace
}  // namespace hangar::cli_tests
