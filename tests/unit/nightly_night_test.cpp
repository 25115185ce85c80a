// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/night_page.h"
#include "tests/unit/nightly_jobs.h"

namespace hangar::nightly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Commit 38 (of night 10) makes `hog` hang in six of ten runs.
double regression(const Series& series, int commit) {
  return series.scenario == "hog" && commit >= 38 ? 0.6 : 0.0;
}

std::string reason_of(const Report& report, const std::string& scenario) {
  for (const NotTested& one : report.night.not_tested) {
    if (one.series.scenario == scenario) return one.reason;
  }
  return "tested";
}

TEST_F(NightlyJob, TheCulpritOfOneScenarioIsLikelyThatOfAnother) {
  rate = [](const Series&, int commit) { return commit >= 38 ? 1.0 : 0.0; };
  for (int number = 1; number <= 12; ++number) ASSERT_TRUE(night(number));
  ASSERT_THAT(lab->bisections, SizeIs(2));
  EXPECT_EQ(lab->bisections[0].likely, "");
  EXPECT_EQ(lab->bisections[1].likely, "38");
  EXPECT_THAT(lab->sent, SizeIs(1)) << "both were found in one night";
}

TEST_F(NightlyJob, AFixIsNotLikelyWhatBrokeAnotherScenario) {
  rate = [](const Series& series, int commit) {
    return (series.scenario == "hog") == (commit >= 38) ? 1.0 : 0.0;
  };
  for (int number = 1; number <= 12; ++number) ASSERT_TRUE(night(number));
  ASSERT_THAT(lab->bisections, SizeIs(2));
  EXPECT_EQ(lab->bisections[1].likely, "");
}

TEST_F(NightlyJob, ANightThatFailsAsBeforeIsUnchanged) {
  rate = [](const Series& series, int) { return series.scenario == "hog" ? 1.0 : 0.0; };
  for (int number = 1; number <= 3; ++number) {
    const auto report = night(number);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->result, NightResult::unchanged) << number;
  }
}

TEST_F(NightlyJob, QuietNightsAreGood) {
  for (int number = 1; number <= 5; ++number) {
    const auto report = night(number);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->result, NightResult::good);
    EXPECT_EQ(report->night.number, number);
    EXPECT_THAT(report->rows, SizeIs(2));
  }
  EXPECT_THAT(lab->sent, IsEmpty());
  const State state = stored();
  ASSERT_THAT(state.history, SizeIs(5));
  EXPECT_EQ(state.history.back().samples.front().tally.runs, 5);
  EXPECT_THAT(state.history.back().samples.front().ids, SizeIs(5));
}

TEST_F(NightlyJob, TheFirstNightBeginsWithWhatIsKnownToHang) {
  file.scenarios = {"hog", "swap"};
  ASSERT_TRUE(night(1));
  EXPECT_THAT(lab->ran.front(), HasSubstr("hog"));
  restart();
  lab->known = {"swap"};
  ASSERT_TRUE(night(1));
  EXPECT_THAT(lab->ran.front(), HasSubstr("swap"));
}

TEST_F(NightlyJob, ARegressionIsReportedOnceWithItsCulprit) {
  rate = regression;
  for (int number = 1; number <= 16; ++number) ASSERT_TRUE(night(number));
  ASSERT_THAT(lab->sent, SizeIs(1));
  EXPECT_THAT(lab->sent[0], HasSubstr("tree/hog fails or hangs more often"));
  EXPECT_THAT(lab->sent[0], HasSubstr("culprit: 38 mm: change (verified"));
  const State state = stored();
  std::vector<Finding> confirmed;
  for (const Finding& finding : state.findings) {
    if (is_confirmed(finding)) confirmed.push_back(finding);
  }
  ASSERT_THAT(confirmed, SizeIs(1));
  EXPECT_EQ(confirmed[0].state, FindingState::reported);
  EXPECT_EQ(confirmed[0].text, TextState::sent);
  EXPECT_EQ(confirmed[0].bisected->culprit, "38");
  const auto later = night(17);
  ASSERT_TRUE(later);
  EXPECT_EQ(later->result, NightResult::findings) << "it is still open";
  EXPECT_THAT(later->found, IsEmpty());
  EXPECT_THAT(later->open, SizeIs(1));
}

TEST_F(NightlyJob, TheKernelsOfAConfirmationTakeTurnsInRunningFirst) {
  rate = regression;
  for (int number = 1; number <= 12; ++number) ASSERT_TRUE(night(number));
  std::vector<std::string> pairs;
  for (const std::string& step : lab->ran) {
    if (step.ends_with("/good") || step.ends_with("/bad")) pairs.push_back(step.substr(step.rfind('/') + 1));
  }
  ASSERT_GE(pairs.size(), 8u);
  pairs.resize(8);
  EXPECT_THAT(pairs, ElementsAre("good", "bad", "bad", "good", "good", "bad", "bad", "good"));
}

TEST_F(NightlyJob, AConfirmationThatEndsOnAnotherNightIsOneFinding) {
  rate = [](const Series&, int commit) { return commit >= 38 ? 1.0 : 0.0; };
  file.scenarios = {"hog"};
  for (int number = 1; number <= 9; ++number) ASSERT_TRUE(night(number));
  file.budget = std::chrono::minutes(24);  // 10 for the build, 5 for the runs: it ends within the pairs
  const auto suspected = night(10);
  ASSERT_TRUE(suspected);
  ASSERT_THAT(suspected->suspected, SizeIs(1)) << night_text(*suspected);
  file.budget = std::chrono::hours(6);
  for (int number = 11; number <= 15; ++number) ASSERT_TRUE(night(number));
  EXPECT_THAT(lab->sent, SizeIs(1));
  const State state = stored();
  EXPECT_EQ(std::count_if(state.findings.begin(), state.findings.end(), is_confirmed), 1);
}

TEST_F(NightlyJob, AKernelThatIsGoneEndsItsConfirmationOnly) {
  rate = [](const Series& series, int commit) {
    return series.scenario == "hog" && commit >= 38 ? 1.0 : 0.0;
  };
  for (int number = 1; number <= 9; ++number) ASSERT_TRUE(night(number));
  for (int commit = 0; commit < 38; ++commit) lab->gone.insert("tree@" + std::to_string(commit));
  const auto report = night(10);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->night.stopped, "");
  ASSERT_THAT(report->cleared, SizeIs(1));
  EXPECT_EQ(report->result, NightResult::partial);
  EXPECT_THAT(night_text(*report), HasSubstr("is gone"));
  for (const SeriesRow& row : report->rows) EXPECT_FALSE(row.decision) << "nothing was decided";
  EXPECT_THAT(night(11)->rows, SizeIs(2));
  lab->gone.clear();
  for (int number = 12; number <= 13; ++number) ASSERT_TRUE(night(number));
  EXPECT_THAT(lab->sent, SizeIs(1)) << "it is suspected again";
}

TEST_F(NightlyJob, AFixIsAFindingWithItsText) {
  rate = [](const Series& series, int commit) {
    return series.scenario == "hog" && commit >= 20 && commit < 50 ? 0.7 : 0.0;
  };
  for (int number = 1; number <= 16; ++number) ASSERT_TRUE(night(number));
  ASSERT_THAT(lab->sent, SizeIs(2));
  EXPECT_THAT(lab->sent[1], HasSubstr("tree/hog fails or hangs less often"));
  EXPECT_THAT(lab->sent[1], HasSubstr("culprit: 50 "));
  const State state = stored();
  int fixed = 0;
  for (const Finding& finding : state.findings) fixed += finding.state == FindingState::fixed ? 1 : 0;
  EXPECT_EQ(fixed, 1);
  const auto after = night(17);
  EXPECT_EQ(after->result, NightResult::good);
}

TEST_F(NightlyJob, AMachineThatChangesIsNotAFinding) {
  drift = [](const Series&, double seconds) { return seconds > 8 * 86400 ? 0.7 : 0.0; };
  for (int number = 1; number <= 14; ++number) ASSERT_TRUE(night(number));
  EXPECT_THAT(lab->sent, IsEmpty());
  int cleared = 0;
  for (const Finding& finding : stored().findings) {
    EXPECT_FALSE(is_confirmed(finding));
    cleared += finding.state == FindingState::cleared ? 1 : 0;
  }
  EXPECT_GE(cleared, 2) << "it was suspected in both scenarios";
}

TEST_F(NightlyJob, ASlowRiseIsFoundAgainstTheRelease) {
  file.release = "v6.12";
  file.budget = std::chrono::hours(8);
  rate = [](const Series& series, int commit) {
    return series.target == "tree" && series.scenario == "hog" ? std::min(0.8, 0.004 * commit) : 0.0;
  };
  for (int number = 1; number <= 40 && lab->sent.empty(); ++number) ASSERT_TRUE(night(number));
  ASSERT_THAT(lab->sent, SizeIs(1));
  EXPECT_THAT(lab->sent[0], HasSubstr("tree/hog fails or hangs more often"));
}

TEST_F(NightlyJob, ABranchThatIsGoneIsNotTested) {
  file.follow.push_back({TargetKind::git, "next", "linux", "gone", ""});
  ASSERT_TRUE(night(1));
  lab->fetch_fails = {"next"};
  const auto report = night(2);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->result, NightResult::incomplete);
  EXPECT_THAT(report->night.not_tested, SizeIs(2));
  EXPECT_THAT(reason_of(*report, "hog"), HasSubstr("fetch failed: the branch `gone` does not exist"));
  for (const SeriesRow& row : report->rows) EXPECT_EQ(row.series.target, "tree");
  EXPECT_THAT(night_text(*report), HasSubstr("next: fetch failed"));
  lab->fetch_fails.clear();
  EXPECT_EQ(night(3)->result, NightResult::good);
}

TEST_F(NightlyJob, AKernelThatDoesNotBuildIsNotTested) {
  lab->build_fails = {"tree"};
  const auto report = night(1);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->result, NightResult::incomplete);
  EXPECT_THAT(reason_of(*report, "swap"), HasSubstr("build failed: mm/oom_kill.c:1: error"));
  EXPECT_THAT(report->rows, IsEmpty());
  EXPECT_EQ(lab->runs, 0);
}

TEST_F(NightlyJob, AReleaseThatDoesNotBuildIsReported) {
  file.release = "v6.12";
  lab->build_fails = {"release"};
  const auto report = night(1);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->result, NightResult::incomplete);
  EXPECT_THAT(report->night.not_tested, SizeIs(2));
  EXPECT_EQ(report->night.not_tested[0].series.target, "release");
}

TEST_F(NightlyJob, AFullDiskEndsTheNight) {
  lab->free = 1 << 20;
  const auto report = night(1);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->result, NightResult::incomplete);
  EXPECT_THAT(report->night.stopped, HasSubstr("the disk is full: 1 MiB are free"));
  EXPECT_THAT(reason_of(*report, "hog"), HasSubstr("the disk is full"));
  EXPECT_EQ(lab->runs, 0);
  lab->free = 1ull << 40;
  EXPECT_EQ(night(2)->result, NightResult::good);
}

TEST_F(NightlyJob, AHostThatFailsEndsTheNight) {
  lab->run_error = infra_error("no space left on device", "git: one\ngit: two\n");
  lab->runs_before_error = 1;
  const auto report = night(1);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->result, NightResult::incomplete);
  EXPECT_THAT(report->night.stopped, HasSubstr("no space left on device: git: two"));
  EXPECT_THAT(report->rows, SizeIs(1)) << "the scenario before";
  EXPECT_THAT(report->night.not_tested, SizeIs(1));
}

TEST_F(NightlyJob, RunsThatAreExcludedAreNotTested) {
  lab->excluded = {"hog"};
  const auto report = night(1);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->result, NightResult::incomplete);
  EXPECT_THAT(reason_of(*report, "hog"), HasSubstr("all 5 runs were excluded"));
  EXPECT_EQ(reason_of(*report, "swap"), "tested");
}

TEST_F(NightlyJob, ABudgetThatDoesNotSufficeIsNotGood) {
  file.budget = std::chrono::minutes(20);  // 10 are for the build
  for (int i = 0; i < 10; ++i) file.scenarios.push_back("more-" + std::to_string(i));
  const auto report = night(1);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->result, NightResult::partial);
  EXPECT_THAT(reason_of(*report, "more-9"), HasSubstr("the budget was used up"));
  EXPECT_LE(report->night.spent_s, 20 * 60);
}

TEST_F(NightlyJob, TheSmallestBudgetIsEnoughForShortRuns) {
  simulated::Truth truth;
  truth.rate = [](const Series&, int) { return 0.0; };
  truth.run_s = 0.02;
  truth.build_s = 0;
  lab = std::make_unique<simulated::NightlyLab>(truth, seed);
  file.budget = std::chrono::minutes(1);
  for (int i = 0; i < 58; ++i) file.scenarios.push_back("more-" + std::to_string(i));
  const auto report = night(1);
  ASSERT_TRUE(report);
  EXPECT_THAT(report->rows, SizeIs(60)) << night_text(*report);
  EXPECT_EQ(report->result, NightResult::good);
}

TEST_F(NightlyJob, TwoAtOnceIsOneClearMessage) {
  const auto first = FolderStore::open(home(), file.name);
  ASSERT_TRUE(first);
  const auto second = night(1);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::user);
  EXPECT_THAT(second.error().message, HasSubstr("another process runs the nightly job `job`"));
  EXPECT_EQ(lab->runs, 0);
  file.name = "other";
  EXPECT_TRUE(night(1)) << "another job may run";
}

TEST_F(NightlyJob, AWallClockThatJumpsIsALabel) {
  ASSERT_TRUE(night(1));
  lab->date_label = "1970-01-01";
  const auto before = night(2);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->night.number, 2);
  EXPECT_EQ(before->result, NightResult::good);
  lab->date_label = "2106-02-07";
  const auto report = night(3);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->night.number, 3);
  EXPECT_EQ(report->night.date, "2106-02-07");
  EXPECT_EQ(report->result, NightResult::good);
  EXPECT_LT(report->night.spent_s, 3600) << "the time between nights does not count";
}

TEST_F(NightlyJob, ADamagedStateIsAnError) {
  ASSERT_TRUE(night(1));
  for (const char* name : {"history.jsonl", "night.json", "findings.json"}) {
    const auto whole = read_file(state_folder() / name);
    ASSERT_TRUE(whole);
    ASSERT_TRUE(write_file(state_folder() / name, whole->substr(0, whole->size() / 2)));
    const auto report = night(2);
    ASSERT_FALSE(report) << name;
    EXPECT_THAT(report.error().message, HasSubstr(name));
    ASSERT_TRUE(write_file(state_folder() / name, *whole));
  }
  EXPECT_TRUE(night(2));
}

TEST_F(NightlyJob, AStateOfANewerVersionIsAnError) {
  ASSERT_TRUE(night(1));
  ASSERT_TRUE(write_file(state_folder() / "night.json", R"({"schema": "hangar.nightly-night/2"})"));
  const auto report = night(2);
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("unsupported schema version `hangar.nightly-night/2`"));
}

TEST_F(NightlyJob, ABisectionThatFailsIsTriedOnThreeNights) {
  rate = regression;
  lab->bisect_fails = true;
  for (int number = 1; number <= 18; ++number) ASSERT_TRUE(night(number));
  EXPECT_THAT(lab->sent, SizeIs(1)) << "without a culprit";
  EXPECT_THAT(lab->sent[0], HasSubstr("not found: git failed"));
  for (const Finding& finding : stored().findings) {
    if (!is_confirmed(finding)) continue;
    EXPECT_EQ(finding.bisections, 3);
  }
}

TEST_F(NightlyJob, ATextThatCannotBeSentIsNotRepeated) {
  rate = regression;
  lab->send_error = infra_error("mail: command not found");
  for (int number = 1; number <= 14; ++number) ASSERT_TRUE(night(number));
  lab->send_error.reset();
  ASSERT_TRUE(night(15));
  EXPECT_THAT(lab->sent, IsEmpty());
  int failed = 0;
  for (const Finding& finding : stored().findings) failed += finding.text == TextState::failed ? 1 : 0;
  EXPECT_EQ(failed, 1);
}

TEST_F(NightlyJob, OldReportsAreRemoved) {
  file.keep = 3;
  for (int number = 1; number <= 6; ++number) ASSERT_TRUE(night(number));
  EXPECT_FALSE(fs::exists(file.reports / "night-3.txt"));
  EXPECT_FALSE(fs::exists(file.reports / "night-3.json"));
  EXPECT_TRUE(fs::exists(file.reports / "night-4.txt"));
  EXPECT_TRUE(fs::exists(file.reports / "night-6.json"));
  EXPECT_THAT(stored().history, SizeIs(6)) << "history is kept";
}

}  // namespace
}  // namespace hangar::nightly
