// SPDX-License-Identifier: GPL-2.0-only
// `hangar nightly` with a command in place of guests: whole nights of the program, over a real git
// repository.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "tests/cli/driver.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class CliNightlyCommand : public CliTest {
 protected:
  void SetUp() override {
    // The n-th run of a scenario has the same result each time at the same rate. Rates are in percent.
    write("judge", R"(#!/bin/sh
here=${0%/*}
n=0
[ ! -e "$here/n-$HANGAR_SCENARIO" ] || read n <"$here/n-$HANGAR_SCENARIO"
n=$((n + 1))
echo $n >"$here/n-$HANGAR_SCENARIO"
read night <"$here/night"
read seed <"$here/seed"
rate=90
[ $HANGAR_SCENARIO != drifts ] || rate=$((20 + 3 * night))
[ $HANGAR_SCENARIO != steady ] || { rate=0; [ ! -e bad ] || rate=60; }
set -- $(printf '%s' "$seed $HANGAR_SCENARIO $n" | sha256sum)
hash=$(printf '%.6s' "$1")
[ $((0x$hash % 100)) -ge $rate ] || { echo "hit in run $n"; exit 1; }
)");
    write("seed", "1\n");
    write("night", "0\n");
    job("$PWD/judge");
    ASSERT_EQ(shell("chmod +x judge && git init -q -b main linux").status, 0);
    commit("mm: first");
  }
  void job(const std::string& command) const {
    write("job.yaml", "nightly: job\nfollow: [{git: ./linux, branch: main}]\nrun: " + command +
                          "\nscenarios: [steady, drifts, often]\nmin-free: 1MiB\nreports: reports\n"
                          "notify: cat >>$PWD/texts\n");
    ASSERT_EQ(shell("sed -i \"s|[$]PWD|$PWD|g\" job.yaml").status, 0);
  }
  void commit(const std::string& subject, const std::string& file = "file") const {
    ASSERT_EQ(shell("cd linux && echo '" + subject + "' >>" + file +
                    " && git add . && git -c user.name=a -c user.email=a@b commit -q -m '" + subject + "'")
                  .status,
              0);
  }
  [[nodiscard]] json night() const {
    const Said said = hangar({"nightly", "job.yaml", "--json", "--quiet"});
    return json::parse(said.out, nullptr, false);
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    const auto text = read_file(path(name));
    return text ? *text : "";
  }
};

class CliNightlyThreeWeeks : public CliNightlyCommand, public testing::WithParamInterface<int> {};

TEST_P(CliNightlyThreeWeeks, HaveOneAlarmWithItsCommit) {
  constexpr int regression = 12;
  write("seed", std::to_string(GetParam()) + "\n");
  int found = 0;
  for (int number = 1; number <= 21; ++number) {
    const std::string name = std::to_string(number);
    write("night", name + "\n");
    commit("mm: a" + name);
    commit("mm: b" + name, number == regression ? "bad" : "file");
    commit("mm: c" + name);
    const json report = night();
    ASSERT_TRUE(report.is_object());
    EXPECT_THAT(report["not_tested"], SizeIs(0)) << report.dump(1);
    if (!report["found"].empty()) found = number;
  }
  EXPECT_GE(found, regression);
  EXPECT_LE(found, regression + 2) << "within three nights";
  const std::string texts = content("texts");
  SCOPED_TRACE(texts);
  EXPECT_EQ(texts.find("hangar nightly job:"), texts.rfind("hangar nightly job:")) << "one alarm";
  EXPECT_THAT(texts, AllOf(HasSubstr("main/steady fails or hangs more often"), HasSubstr("mm: b12"),
                           HasSubstr("(verified")));
}

INSTANTIATE_TEST_SUITE_P(Seeds, CliNightlyThreeWeeks, testing::Values(1, 2));

TEST_F(CliNightlyCommand, ANightThatIsKilledContinuesWithoutRepeatingRuns) {
  job("$PWD/judge; [ $(cat $PWD/n-drifts 2>/dev/null || echo 0) != 3 ] || kill -9 $PPID");
  EXPECT_EQ(shell("$hangar nightly job.yaml").status, 137);
  job("$PWD/judge");
  const json report = night();
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report["night"], 1);
  EXPECT_THAT(report["not_tested"], SizeIs(0));
  EXPECT_THAT(report["series"], SizeIs(3));
  EXPECT_EQ(content("n-steady") + content("n-drifts") + content("n-often"), "5\n6\n5\n")
      << "only the run that was killed is made again";
}

TEST_F(CliNightlyCommand, WhatAHitPrintedIsKept) {
  const json report = night();
  ASSERT_TRUE(report.is_object());
  int hits = 0;
  for (const json& series : report["series"]) hits += series["tonight"]["hits"].get<int>();
  EXPECT_GT(hits, 0);
  EXPECT_EQ(shell("grep -l 'hit in run' home/state/nightly/job/output/*.txt | wc -l").out,
            std::to_string(hits) + "\n");
}

TEST_F(CliNightlyCommand, EachRunIsShownAsItEnds) {
  const Said said = hangar({"nightly", "job.yaml"});
  EXPECT_THAT(said.err, HasSubstr("miss steady on "));
  EXPECT_THAT(said.err, HasSubstr("hit often on "));
  EXPECT_EQ(hangar({"nightly", "job.yaml", "--quiet"}).err, "");
}

TEST_F(CliNightlyCommand, ARunThatCannotBeJudgedIsExcluded) {
  job("exit 125");
  const json report = night();
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report["result"], "incomplete");
  EXPECT_THAT(report["not_tested"].dump(), HasSubstr("runs were excluded"));
}

TEST_F(CliNightlyCommand, ACommandThatDoesNotExistEndsTheNight) {
  job("./no-such-judge");
  const Said said = hangar({"nightly", "job.yaml"});
  EXPECT_EQ(said.status, 3);
  EXPECT_THAT(said.out, AllOf(HasSubstr("incomplete"), HasSubstr("(exit status 127)")));
}

TEST_F(CliNightlyCommand, CommitsWithTheSameFilesAreTheSameKernel) {
  (void)night();
  ASSERT_EQ(shell("cd linux && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m empty").status,
            0);
  const json report = night();
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report["targets"][0]["changed"], false);
}

TEST_F(CliNightlyCommand, ALockThatAKilledGitLeftIsNoObstacle) {
  (void)night();
  ASSERT_EQ(shell("for tree in home/state/nightly/job/trees/*; do touch $tree/.git/index.lock; done").status,
            0);
  commit("mm: second");
  const json report = night();
  ASSERT_TRUE(report.is_object());
  EXPECT_NE(report["result"], "incomplete") << report.dump(1);
}

TEST_F(CliNightlyCommand, ANightMayBeginInAnotherFolder) {
  (void)night();
  ASSERT_EQ(shell("cd / && $hangar nightly $OLDPWD/job.yaml --home $OLDPWD/home").status, 0);
  const json report = night();
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report["night"], 3);
  EXPECT_EQ(report["targets"][0]["changed"], false);
  EXPECT_EQ(shell("ls home/state/nightly/job/trees | wc -l").out, "1\n");
}

TEST_F(CliNightlyCommand, WhatOneNightFindsIsOneText) {
  job("test ! -e bad");
  (void)night();
  (void)night();
  commit("mm: bad", "bad");
  const json report = night();
  ASSERT_TRUE(report.is_object());
  EXPECT_THAT(report["found"], SizeIs(3)) << report.dump(1);
  const std::string texts = content("texts");
  EXPECT_THAT(texts, AllOf(HasSubstr("hangar nightly job: 3 new findings\n"), HasSubstr("main/steady fails"),
                           HasSubstr("main/drifts fails"), HasSubstr("main/often fails"),
                           HasSubstr("reports/night-3.txt")));
  EXPECT_EQ(texts.find("hangar nightly job:"), texts.rfind("hangar nightly job:"));
  EXPECT_THAT(content("reports/night-3.html"),
              AllOf(HasSubstr("3 new"), HasSubstr("main/often fails or hangs more often"),
                    HasSubstr("mm: bad (verified"), HasSubstr("0/5 0/5")));
  (void)night();
  EXPECT_EQ(content("texts"), texts);
}

TEST_F(CliNightlyCommand, ATextIsSentFromTheFolderOfTheFile) {
  job("test ! -e bad");
  ASSERT_EQ(shell("sed -i 's|^notify:.*|notify: cat >>here|' job.yaml").status, 0);
  (void)night();
  (void)night();
  commit("mm: bad", "bad");
  EXPECT_EQ(shell("cd / && $hangar nightly $OLDPWD/job.yaml --home $OLDPWD/home").status, 1);
  EXPECT_THAT(content("here"), HasSubstr("3 new findings"));
}

TEST_F(CliNightlyCommand, EachRunHasTheFilesOfTheCommit) {
  job("git diff --quiet && echo changed >file");
  const json report = night();
  ASSERT_TRUE(report.is_object());
  for (const json& series : report["series"]) EXPECT_EQ(series["tonight"]["hits"], 0) << series.dump(1);
}

TEST_F(CliNightlyCommand, WhatACommandPrintedBeforeItEndedTheNightIsReported) {
  job("echo one; echo no such device; exit 130");
  const json report = night();
  ASSERT_TRUE(report.is_object());
  EXPECT_THAT(report["stopped"].get<std::string>(), HasSubstr("expected 0 to 125: no such device"));
}

TEST_F(CliNightlyCommand, ACloneWithoutHistoryIsFollowed) {
  ASSERT_EQ(shell("mv linux origin && git clone -q --depth 1 file://$PWD/origin linux").status, 0);
  (void)night();
  ASSERT_EQ(shell("cd origin && echo 2 >file && git -c user.name=a -c user.email=a@b commit -qam second && "
                  "cd ../linux && git fetch -q --depth 1 && git reset -q --hard origin/main")
                .status,
            0);
  const json report = night();
  ASSERT_TRUE(report.is_object());
  EXPECT_THAT(report["not_tested"], SizeIs(0)) << report.dump(1);
  EXPECT_EQ(report["targets"][0]["changed"], true);
}

TEST_F(CliNightlyCommand, AReportsFolderThatIsAFileIsFoundBeforeTheNight) {
  write("reports", "");
  for (const char* option : {"--check", "--quiet"}) {
    const Said said = hangar({"nightly", "job.yaml", option});
    EXPECT_EQ(said.status, 2);
    EXPECT_THAT(said.err, HasSubstr("reports is not a folder"));
  }
  EXPECT_EQ(content("n-steady"), "");
}

TEST_F(CliNightlyCommand, TheLastNightIsTheNewestThatEnded) {
  job("$PWD/judge; [ $(cat $PWD/n-drifts 2>/dev/null || echo 0) != 8 ] || kill -9 $PPID");
  EXPECT_THAT(hangar({"nightly", "job.yaml", "--last"}).err, HasSubstr("no night was run yet"));
  EXPECT_FALSE(fs::exists(path("home/state/nightly")));
  json first = night();
  EXPECT_EQ(shell("$hangar nightly job.yaml").status, 137);
  const Said last = hangar({"nightly", "job.yaml", "--last"});
  EXPECT_THAT(last.err, HasSubstr("job: night 2 has not ended"));
  EXPECT_THAT(last.out, HasSubstr("night 1,"));
  json again = json::parse(hangar({"nightly", "job.yaml", "--last", "--json"}).out, nullptr, false);
  again["spent_s"] = first["spent_s"] = 0;  // the writes after the report take time too
  EXPECT_EQ(again, first);
}

TEST_F(CliNightlyCommand, TheLastNightIsShownWhileAnotherRuns) {
  (void)night();
  job("$hangar nightly $PWD/job.yaml --last >$PWD/last-$HANGAR_SCENARIO");
  ASSERT_EQ(shell("$hangar nightly job.yaml").status, 0);
  EXPECT_THAT(content("last-steady"), HasSubstr("night 1,"));
}

TEST_F(CliNightlyCommand, ABranchThatIsResetLosesAFix) {
  job("test ! -e bad");
  commit("mm: bad", "bad");
  ASSERT_EQ(shell("git -C linux rm -q bad").status, 0);
  commit("mm: the fix");
  (void)night();
  (void)night();
  ASSERT_EQ(shell("git -C linux reset -q --hard HEAD~1").status, 0);
  const json report = night();
  ASSERT_TRUE(report.is_object());
  ASSERT_THAT(report["found"], SizeIs(3)) << report.dump(1);
  EXPECT_THAT(report["found"][0]["bisection_error"].get<std::string>(),
              HasSubstr("the branch was reset to an earlier commit"));
}

TEST_F(CliNightlyCommand, AFixHasItsOwnCommit) {
  job("test ! -e bad");
  commit("mm: bad", "bad");
  (void)night();
  (void)night();
  commit("mm: before the fix");
  ASSERT_EQ(shell("git -C linux rm -q bad").status, 0);
  commit("mm: the fix");
  commit("mm: after the fix");
  const json report = night();
  ASSERT_TRUE(report.is_object());
  ASSERT_THAT(report["found"], SizeIs(3)) << report.dump(1);
  for (const json& finding : report["found"]) {
    EXPECT_EQ(finding["change"], "less");
    EXPECT_EQ(finding["bisection"]["subject"], "mm: the fix");
  }
  EXPECT_THAT(content("texts"), HasSubstr("mm: the fix"));
}

TEST_F(CliNightlyCommand, TheReleaseIsACommit) {
  ASSERT_EQ(shell("git -C linux tag v1 && echo 'release: ./linux@v1' >>job.yaml").status, 0);
  commit("mm: second");
  const json report = night();
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report["targets"][1]["name"], "release");
  EXPECT_THAT(report["targets"][1]["kernel"]["name"].get<std::string>(), HasSubstr("linux@"));
  EXPECT_THAT(report["series"], SizeIs(6));
}

TEST_F(CliNightlyCommand, TheReleaseMayBeATagOfAUrl) {
  ASSERT_EQ(shell("git -C linux tag v1 && echo \"release: file://$PWD/linux@v1\" >>job.yaml").status, 0);
  commit("mm: second");
  const json report = night();
  ASSERT_TRUE(report.is_object());
  EXPECT_THAT(report["not_tested"], SizeIs(0)) << report.dump(1);
  EXPECT_THAT(report["series"], SizeIs(6));
}

}  // namespace
}  // namespace hangar::cli_tests
