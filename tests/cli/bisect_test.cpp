// SPDX-License-Identifier: GPL-2.0-only
// `hangar bisect --run`: a search without guests, in a repository of 24 commits. The number of each is in the
// file n; the command decides by it.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/driver.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class CliBisect : public CliTest {
 protected:
  void SetUp() override {
    const auto made = shell(
        "git init -q -b main t && cd t && git config user.name x && git config user.email x@example.org && "
        "for i in $(seq 0 23); do echo $i >n; git add n; git commit -qm \"change $i\"; done");
    ASSERT_EQ(made.status, 0) << made.err;
  }

  [[nodiscard]] Said bisect(const std::string& command, const std::string& more = "") const {
    write("test.sh", command);
    return shell("$hangar bisect --repo t --good main~23 --bad main --json -q --run \"sh $PWD/test.sh\" " +
                 more);
  }
  [[nodiscard]] json answer(const std::string& command, const std::string& more = "") const {
    const Said said = bisect(command, more);
    json object = json::parse(said.out, nullptr, false);
    EXPECT_TRUE(object.is_object()) << said.out << said.err;
    return object;
  }
  // The number of the commit that is the culprit.
  [[nodiscard]] std::string culprit(const json& found) const {
    if (!found["culprit"].is_string()) return found.dump();
    return shell("git -C t show " + found["culprit"].get<std::string>() + ":n").out;
  }
};

TEST_F(CliBisect, FindsACommitThatAlwaysHits) {
  const json found = answer("[ $(cat n) -lt 17 ]");
  EXPECT_EQ(culprit(found), "17\n");
  EXPECT_EQ(found["result"], "culprit");
  EXPECT_EQ(found["confirmation"]["says"], "verified");
  EXPECT_GE(found["confirmation"]["likelihood_ratio"], 20);
  EXPECT_LT(found["runs"], 50);
}

// Every third run of a bad revision hits: the count of its runs is in a file.
TEST_F(CliBisect, FindsACommitThatSometimesHits) {
  const json found = answer(
      "n=$(cat n); [ $n -lt 9 ] && exit 0; echo >>../../../../../count; "
      "[ $(( $(wc -l <../../../../../count) % 3 )) -ne 0 ]");
  EXPECT_EQ(culprit(found), "9\n") << found.dump(1);
}

// The bad end without the culprit is tested too, where it reverts.
TEST_F(CliBisect, TheCulpritIsRevertedOnTopOfTheBadEnd) {
  (void)shell(
      "cd t; git checkout -q -b other main~5; echo bad >flag; git add flag; git commit -qm flag; "
      "for i in 1 2 3; do echo $i >m; git add m; git commit -qm \"more $i\"; done");
  const json found = json::parse(shell("$hangar bisect --repo t --good main~20 --bad other --json -q --run "
                                       "'[ ! -e flag ]'")
                                     .out);
  EXPECT_EQ(shell("git -C t log -1 --format=%s " + found["culprit"].get<std::string>()).out, "flag\n");
  EXPECT_EQ(found["confirmation"]["says"], "verified");
  EXPECT_GT(found["confirmation"]["reverted"]["runs"], 0);
  EXPECT_EQ(found["confirmation"]["reverted"]["hits"], 0);
  EXPECT_THAT(shell("$hangar bisect show").out, HasSubstr("Reverted on the bad end: 0 of "));
  // The number of a commit is in each later one: it does not revert.
  EXPECT_TRUE(answer("[ $(cat n) -lt 17 ]")["confirmation"]["reverted"].is_null());
}

TEST_F(CliBisect, AMissWithoutTheTestedCodeShowsNothing) {
  (void)shell(
      "cd t; git checkout -q -b other main~20; for i in $(seq 1 8); do [ $i = 5 ] && echo x >code; "
      "echo $i >m; git add .; git commit -qm \"more $i\"; done");
  const json found =
      json::parse(shell("$hangar bisect --repo t --good main~20 --bad other --needs code --json -q "
                        "--run '[ ! -e code ]'")
                      .out);
  EXPECT_NE(found["result"], "culprit") << "no commit without the code shows that it is good";
  for (const auto& one : found["candidates"]) EXPECT_EQ(one["misses"], 0) << one;
}

TEST_F(CliBisect, TheUsersCheckoutStaysAsItIs) {
  const auto state = [&] {
    return shell(
               "cd t; echo dirty >n; git rev-parse HEAD; git status --porcelain; git stash list; cat n; "
               "git worktree list; git branch -a")
        .out;
  };
  const std::string before = state();
  EXPECT_EQ(culprit(answer("[ $(cat n) -lt 5 ]")), "5\n");
  EXPECT_EQ(state(), before);
}

TEST_F(CliBisect, RevisionsThatCannotBeTestedLeaveARange) {
  const Said said = bisect("n=$(cat n); [ $n -ge 8 ] && [ $n -lt 11 ] && exit 125; [ $n -lt 11 ]");
  EXPECT_EQ(said.status, 1) << said.err;
  const json found = json::parse(said.out);
  EXPECT_EQ(found["result"], "range");
  EXPECT_THAT(shell("$hangar bisect show").out, HasSubstr("one of these 4 revisions"));
}

TEST_F(CliBisect, BothEndsAreTested) {
  EXPECT_EQ(answer("exit 1")["result"], "no-change");
  EXPECT_EQ(answer("exit 0")["result"], "not-reproduced");
}

TEST_F(CliBisect, FindsAFix) {
  write("test.sh", "[ $(cat n) -ge 14 ]");
  const Said said =
      shell("$hangar bisect --fixed --repo t --bad main~23 --good main --json -q --run \"sh $PWD/test.sh\"");
  EXPECT_EQ(culprit(json::parse(said.out)), "14\n") << said.out;
  EXPECT_THAT(shell("$hangar bisect show").out, HasSubstr("the fix: "));
}

// The state is that of the log: what is torn by a kill, undone or marked.
TEST_F(CliBisect, ResumesFromItsLog) {
  const Said stopped = bisect("[ $(cat n) -eq 23 ] && exit 1; exit 200");
  EXPECT_EQ(stopped.status, 2);
  EXPECT_THAT(stopped.err, HasSubstr("exit status 200: expected 0 to 125"));
  (void)shell("printf '{\"kind\":\"ru' >>home/state/bisects/*/log.jsonl");
  write("test.sh", "[ $(cat n) -lt 12 ]");
  const Said marked = shell("$hangar bisect mark $(git -C t rev-parse main~13) good");
  EXPECT_EQ(marked.status, 0) << marked.err;
  const json found = json::parse(shell("$hangar bisect resume -q --json").out);
  EXPECT_EQ(culprit(found), "12\n");
  for (const auto& one : found["candidates"]) EXPECT_LE(one["probability"], 1);
  const json undone = json::parse(shell("$hangar bisect undo --json").out);
  EXPECT_EQ(undone["runs"], found["runs"].get<int>() - 1);
  EXPECT_EQ(shell("$hangar bisect mark nosuch good").status, 2);
}

TEST_F(CliBisect, TheSameSeedMakesTheSameRuns) {
  const auto runs = [&](const std::string& seed) {
    json found = answer("[ $(cat n) -lt 6 ]", "--seed " + seed);
    for (const char* key : {"seconds", "id"}) found.erase(key);
    return found.dump();
  };
  EXPECT_EQ(runs("7"), runs("7"));
}

TEST_F(CliBisect, SeveralRunsAtOnce) {
  EXPECT_EQ(culprit(answer("[ $(cat n) -lt 21 ]", "-j 3")), "21\n");
}

TEST_F(CliBisect, OnlyCommitsThatChangeAPath) {
  (void)shell(
      "cd t; echo x >other; git add other; git commit -qm other; echo 24 >n; git commit -qam 'change 24'");
  EXPECT_EQ(culprit(answer("[ $(cat n) -lt 24 ]", "--path n")), "24\n");
  EXPECT_THAT(bisect("exit 0", "--path nosuch").out, HasSubstr("\"not-reproduced\""));
}

}  // namespace
}  // namespace hangar::cli_tests
