// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/outcome/judging.h"
#include "harness/run/bundle.h"
#include "harness/run/report.h"
#include "harness/store/run_directory.h"

namespace hangar::outcome {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

std::string scenario_that_expects(int kills) {
  return "scenario: oom-kill\nabout: a copy\nreproducer: {program: oom-kill}\nkernels: [v6.1]\nexpect:\n  - "
         "each-run: {oom-kills: {exactly: " +
         std::to_string(kills) + "}}\n";
}

// A source tree that ships the scenario oom-kill, and a private scenario with the same name outside it.
class JudgingTest : public testing::Test {
 protected:
  JudgingTest() : folder_(std::move(*TempDir::make(std::filesystem::temp_directory_path(), "judging-"))) {
    tree_ = folder_.path() / "tree";
    shipped_ = tree_ / "reproducers/oom-kill/scenario.yaml";
    mine_ = folder_.path() / "sc/mine.yaml";
    write(shipped_, scenario_that_expects(1));
    write(mine_, scenario_that_expects(2));
    bundle_.scenario = "oom-kill";
    bundle_.kernel = "v6.1";
    bundle_.scenario_yaml = scenario_that_expects(2);
  }

  static void write(const fs::path& file, const std::string& text) {
    EXPECT_TRUE(fs::create_directories(file.parent_path()));
    EXPECT_TRUE(write_file(file, text));
  }

  [[nodiscard]] Judging judged(const fs::path& recorded, const JudgeChoice& choice = {}) const {
    auto judging = choose_judging(bundle_, recorded, tree_, choice);
    EXPECT_TRUE(judging) << judging.error().message;
    return judging ? *judging : Judging{};
  }

  static double kills(const Judging& judging) {
    return judging.expected.each_run.oom_kills ? *judging.expected.each_run.oom_kills->at_least : -1;
  }

  TempDir folder_;
  fs::path tree_;
  fs::path shipped_;
  fs::path mine_;
  run::Bundle bundle_;
};

TEST_F(JudgingTest, APrivateScenarioIsNotJudgedByTheShippedOneOfItsName) {
  const Judging judging = judged(mine_);
  EXPECT_EQ(kills(judging), 2);
  EXPECT_EQ(judging.by,
            "scenario file " + mine_.string() + " (sha256 " + sha256(scenario_that_expects(2)) + ")");
  EXPECT_THAT(judging.note, HasSubstr("unchanged since the run"));
}

TEST_F(JudgingTest, AChangedFileIsUsedAndReported) {
  write(mine_, scenario_that_expects(3));
  const Judging judging = judged(mine_);
  EXPECT_EQ(kills(judging), 3);
  EXPECT_THAT(judging.note, HasSubstr("(changed since the run)"));
}

TEST_F(JudgingTest, WithoutItsFileARunIsJudgedByItsStoredText) {
  std::filesystem::remove(mine_);
  const Judging judging = judged(mine_);
  EXPECT_EQ(kills(judging), 2);
  EXPECT_THAT(judging.by, StartsWith("stored text (sha256 "));
  EXPECT_THAT(judging.note, HasSubstr("does not exist"));
  EXPECT_EQ(kills(judged("")), 2);
}

TEST_F(JudgingTest, AShippedScenarioIsThatOfTheCheckout) {
  EXPECT_EQ(kills(judged("reproducers/oom-kill/scenario.yaml")), 1);
}

TEST_F(JudgingTest, TheUserChoosesAnotherFileOrTheStoredText) {
  EXPECT_EQ(kills(judged(mine_, {shipped_, false})), 1);
  EXPECT_EQ(kills(judged("reproducers/oom-kill/scenario.yaml", {std::nullopt, true})), 2);
}

TEST_F(JudgingTest, AFileThatCannotBeReadIsAnError) {
  write(mine_, "scenario: [\n");
  const auto judging = choose_judging(bundle_, mine_, tree_, {});
  ASSERT_FALSE(judging);
  EXPECT_EQ(judging.error().fault, Fault::user);
  EXPECT_THAT(judging.error().message, HasSubstr("--stored"));
}

TEST_F(JudgingTest, FilesAreRecordedRelativeToTheSourceTreeElseAbsolute) {
  EXPECT_EQ(recorded_scenario_file(shipped_, tree_), "reproducers/oom-kill/scenario.yaml");
  EXPECT_EQ(recorded_scenario_file(mine_, tree_), mine_);
  EXPECT_EQ(recorded_scenario_file("sc/../mine.yaml", tree_), std::filesystem::current_path() / "mine.yaml");
}

run::RunReport judged_as(verdict::Verdict verdict, const std::string& by) {
  run::RunReport run;
  run.verdict = verdict;
  run.judged_by = by;
  run.judgements = {{"oom-kills: exactly 1", verdict, "2", {}}};
  return run;
}

TEST(VerdictJson, EarlierJudgementsAreKept) {
  const std::string first =
      run::verdict_json(judged_as(verdict::Verdict::fail, "scenario file a"), "", "2026-11-28T12:00:00Z");
  EXPECT_EQ(json::parse(first)["history"], json::array());
  const std::string second =
      run::verdict_json(judged_as(verdict::Verdict::pass, "stored text"), first, "2026-11-29T12:00:00Z");
  const json record = json::parse(second);
  EXPECT_EQ(record["verdict"], "pass");
  EXPECT_EQ(record["judged_at"], "2026-11-29T12:00:00Z");
  ASSERT_EQ(record["history"].size(), 1u);
  EXPECT_EQ(record["history"][0]["verdict"], "fail");
  EXPECT_EQ(record["history"][0]["by"], "scenario file a");
  EXPECT_EQ(record["history"][0]["judged_at"], "2026-11-28T12:00:00Z");
  EXPECT_EQ(record["history"][0]["expectations"][0]["text"], "oom-kills: exactly 1");
  const std::string third =
      run::verdict_json(judged_as(verdict::Verdict::fail, "scenario file a"), second, "2026-11-30T12:00:00Z");
  EXPECT_EQ(json::parse(third)["history"].size(), 2u);
}

TEST(VerdictJson, TheSameJudgementAgainLeavesTheFileAsItIs) {
  run::RunReport run = judged_as(verdict::Verdict::fail, "scenario file a");
  run.judgements[0].got = "a\xff";  // not UTF-8
  const std::string first = run::verdict_json(run, "", "2026-11-28T12:00:00Z");
  EXPECT_EQ(run::verdict_json(run, first, "2026-11-29T12:00:00Z"), first);
}

TEST(VerdictJson, ARecordOfAnOlderVersionIsKeptWithWhatItHas) {
  const json record = json::parse(run::verdict_json(
      judged_as(verdict::Verdict::pass, "stored text"),
      R"({"schema":"hangar.verdict/1","verdict":"fail","expectations":[]})", "2026-11-28T12:00:00Z"));
  ASSERT_EQ(record["history"].size(), 1u);
  EXPECT_EQ(record["history"][0]["verdict"], "fail");
  EXPECT_EQ(record["history"][0]["by"], nullptr);
  EXPECT_EQ(json::parse(run::verdict_json(judged_as(verdict::Verdict::pass, ""), "{torn", ""))["history"],
            json::array());
}

}  // namespace
}  // namespace hangar::outcome
